# SPDX-License-Identifier: GPL-2.0-only
"""What the measurements are made of."""
