# SPDX-License-Identifier: GPL-2.0-only
"""Waiting as the other tests do, but longer: many threads are busy meanwhile."""
import functools

from harness import wait

TIMEOUT = 240 * wait.SLOWNESS
until = functools.partial(wait.until, timeout=TIMEOUT)
