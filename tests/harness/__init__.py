# SPDX-License-Identifier: GPL-2.0-only
"""What the tests are made of."""
