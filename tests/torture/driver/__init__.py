# SPDX-License-Identifier: GPL-2.0-only
"""What drives the generator, and compares."""
