# SPDX-License-Identifier: GPL-2.0-only
"""The measurements, one noun a file."""
