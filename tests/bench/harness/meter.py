# SPDX-License-Identifier: GPL-2.0-only
"""What the whole system does, and sums of figures.

The unit is a nanosecond of CPU time. Under QEMU's -icount that is an instruction.
"""
import pathlib
import statistics
import sys
import time

# How often at_rest() looks.
LOOKS = 500


def system():
    """Time that all CPUs have spent in tasks, interrupts included, without this process's own."""
    time.sleep(0.0001)  # a task is counted when it is switched away
    lines = pathlib.Path('/proc/schedstat').read_text(encoding='ascii').splitlines()
    ran = sum(int(line.split()[7]) for line in lines if line.startswith('cpu'))
    return ran - time.process_time_ns()


def at_rest(step=0.02):
    """Waits until next to nothing runs any more, as after a tool has caught up. Returns what system() says."""
    last = system()
    for _ in range(LOOKS):
        time.sleep(step)
        now = system()
        if now - last < step * 1e9 / 20:
            return now
        last = now
    print(f'bench: after {LOOKS * step:.0f} s something still runs: what is measured now may be too much', file=sys.stderr)
    return last


def spread(figures):
    """Median, smallest and largest."""
    return {'median': statistics.median(figures), 'min': min(figures), 'max': max(figures)}
