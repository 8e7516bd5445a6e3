# SPDX-License-Identifier: GPL-2.0-only
"""Is the kernel's memory what it was?"""
import glob
import os

from harness.tap import note
from harness.wait import SLOWNESS, until

# kB: what other tasks and caches of the kernel need by chance. Of what is available, processes that came meanwhile have
# some: after 250 times of loading it was 11 548 less, after 1000 times 9 580.
NOISE = {'MemAvailable': 16384, 'SUnreclaim': 8192, 'VmallocUsed': 8192, 'Percpu': 8192}
# Objects of a kind, for the same reason.
FEW = 200
# What the kernel notes about others, and frees when it comes to it. Of the first of them 240 stay in use for each 300
# processes that were forked and killed, also where vasmon is not loaded.
OWN = 'debug_objects_cache', 'kmemleak_object', 'kmemleak_scan_area', 'vmap_area'


def _write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)


def _settle():
    """What is free is given back, as far as that can be had."""
    _write('/proc/sys/vm/drop_caches', '3')
    for cache in glob.glob('/sys/kernel/slab/*'):
        if not os.path.islink(cache):
            _write(f'{cache}/shrink', '1')


class Memory:
    """The kernel's memory now."""

    def __init__(self):
        _settle()
        with open('/proc/meminfo', encoding='ascii') as file:
            fields = dict(line.split(':') for line in file)
        self.kb = {name: int(fields[name].split()[0])
                   for name in NOISE}
        with open('/proc/slabinfo', encoding='ascii') as file:
            self.objects = {words[0]: int(words[1]) for words in (line.split() for line in file)
                            if words[1].isdigit()}

    def grown(self, before, times):
        """What has grown more than by chance; something that is left behind each time, or every other, is."""
        found = [f'{name} {after - before.kb[name]:+d} kB' for name, after in self.kb.items()
                 if (after - before.kb[name]) * (-1 if name == 'MemAvailable' else 1) > NOISE[name]]
        found += [f'{count - before.objects.get(name, 0)} objects in {name}' for name, count in self.objects.items()
                  if count - before.objects.get(name, 0) > max(FEW, times // 2) and name not in OWN]
        return found


def equal(before, times):
    """After so many times it is what it was. What was freed is given back after a while."""
    last = None

    def same():
        nonlocal last
        last = Memory()
        return not last.grown(before, times)
    try:
        until(same, 'the memory is given back', 30 * SLOWNESS)
    except TimeoutError as late:
        raise AssertionError(f'after {times} times there are {", ".join(last.grown(before, times))}') from late
    most, name = max((count - before.objects.get(name, 0), name) for name, count in last.objects.items()
                     if name not in OWN)
    note(', '.join(f'{name} {kb - before.kb[name]:+d} kB' for name, kb in last.kb.items()) +
         f', at most {most:+d} objects ({name}) after {times} times')
