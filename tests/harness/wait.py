# SPDX-License-Identifier: GPL-2.0-only
"""Waiting for a condition, never for a time."""
import os
import time

# A kernel that checks itself (tests/vm/README.md) takes several times as long.
SLOWNESS = 4 if os.path.exists('/sys/kernel/debug/kmemleak') else 1
# For what takes a moment on an idle machine; the emulated ones can be very busy.
TIMEOUT = 90 * SLOWNESS
# Between two looks, at most: who waits on an emulated CPU takes it from what it waits for.
PAUSE = 0.02


def until(condition, what, timeout=TIMEOUT):
    """Returns the first true value of condition()."""
    end = time.monotonic() + timeout
    pause = 0.001
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f'waited {timeout} s in vain: {what}')
        time.sleep(pause)
        pause = min(PAUSE, pause * 1.5)
    return value
