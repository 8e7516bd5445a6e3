# SPDX-License-Identifier: GPL-2.0-only
"""What vasmon's bookkeeping takes: a watched region, a watch, a subscriber, a process in debugfs.

As 'list' has it, and of what there are many, what all slabs and vmalloc together grew by, as /proc says.
"""
import pathlib
import subprocess
import time

from harness import meter, module
from harness.loop import Loop

REGIONS = 20000
PROCESSES = 500
SUBSCRIBERS = 4
SMALLEST = '--ring-size=64K',


def kernel_bytes():
    """Of slabs in use and of vmalloc: what is in use, not what is kept for later."""
    used = 0
    for line in pathlib.Path('/proc/slabinfo').read_text(encoding='ascii').splitlines()[2:]:
        fields = line.split()
        used += int(fields[1]) * int(fields[3])
    for line in pathlib.Path('/proc/meminfo').read_text(encoding='ascii').splitlines():
        if line.startswith('VmallocUsed'):
            used += int(line.split()[1]) * 1024
    return used


def watched(regions, subscribers=1, options=()):
    """By how much the kernel's memory grew, and what 'list' says, while a process is watched."""
    loop = Loop('mmap', regions)
    meter.at_rest()
    before = kernel_bytes()
    watchers = [module.Watcher(loop.pid, *options) for _ in range(subscribers)]
    meter.at_rest()
    grown = kernel_bytes() - before
    watch, _ = watchers[0].listed()
    for watcher in watchers:
        watcher.end()
    loop.end()
    return watch, grown


def processes():
    """By how much the kernel's memory grows for each live process when the module is loaded."""
    module.unload()
    sleepers = [subprocess.Popen(['sleep', 'infinity']) for _ in range(PROCESSES)]
    try:
        meter.at_rest()
        count = sum(1 for path in pathlib.Path('/proc').glob('[0-9]*/exe') if reads(path))
        before = kernel_bytes()
        module.load()
        folder = pathlib.Path('/sys/kernel/debug/vasmon')
        while len(list(folder.iterdir())) < count:
            time.sleep(0.01)
        return (kernel_bytes() - before) / count, count
    finally:
        for sleeper in sleepers:
            sleeper.kill()
        for sleeper in sleepers:
            sleeper.wait()


def reads(path):
    try:
        return path.readlink()
    except OSError:
        return None  # a kernel thread


def measure(_):
    module.load()
    # With the smallest ring, and so none that is now in a slab and now in vmalloc.
    watched(10, options=SMALLEST)
    small, small_grown = watched(10, options=SMALLEST)
    large, large_grown = watched(REGIONS, options=SMALLEST)
    usual, _ = watched(10)
    many, _ = watched(10, SUBSCRIBERS)
    regions = large['regions'] - small['regions']
    more = SUBSCRIBERS - 1
    yield {'what': 'region under watch', 'listed': (large['memory'] - small['memory']) / regions,
           'grown': (large_grown - small_grown) / regions}
    yield {'what': 'subscriber', 'listed': (many['memory'] - usual['memory']) / more}
    yield {'what': 'watch, ring included', 'ring': usual['ring_size'], 'regions': usual['regions'],
           'listed': usual['memory']}
    grown, count = processes()
    yield {'what': 'process in debugfs', 'processes': count, 'grown': grown}
