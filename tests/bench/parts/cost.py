# SPDX-License-Identifier: GPL-2.0-only
"""What a turn of each loop costs the process that does it, with the module and without.

All loops are there from the beginning, and every run takes all setups in turn, so that nothing but the setup differs
between two figures of a run.
"""
import subprocess

from harness import meter, module
from harness.loop import CHANGES, Loop

KINDS = ['mmap', 'brk', 'mprotect', 'fault']
SUBSCRIBERS = [1, 2, 4, 8]


def measure(how):
    module.unload()
    loops = {(kind, regions): Loop(kind, regions) for kind in KINDS for regions in how.regions}
    found = {}

    def note(setup, key):
        loops[key].round(how.turns // 4)
        found.setdefault((setup, *key), []).append(loops[key].round(how.long) / how.long)

    for _ in range(how.runs):
        meter.at_rest()
        for key in loops:
            note('bare', key)
        module.load()
        meter.at_rest()
        for key in loops:
            note('idle', key)
        other = subprocess.Popen(['sleep', 'infinity'])
        watcher = module.Watcher(other.pid)
        meter.at_rest()
        for key in loops:
            note('other', key)
        watcher.end()
        other.kill()
        other.wait()
        for key, loop in loops.items():
            watchers = []
            for number in SUBSCRIBERS if key == ('mmap', min(how.regions)) else SUBSCRIBERS[:2]:
                while len(watchers) < number:
                    watchers.append(module.Watcher(loop.pid))
                meter.at_rest()
                note(f'watched{number}', key)
            for watcher in watchers:
                watcher.end()
        module.unload()
    for loop in loops.values():
        loop.end()
    for (setup, kind, regions), figures in found.items():
        bare = found['bare', kind, regions]
        yield {'setup': setup, 'kind': kind, 'regions': regions, 'changes': CHANGES[kind], 'cost': meter.spread(figures),
               'ratio': meter.spread([a / b for a, b in zip(figures, bare)])}
