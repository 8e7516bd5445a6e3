# SPDX-License-Identifier: GPL-2.0-only
"""From a change to its line: how long until the reader of 'watch --json' has it from a pipe.

The change has its time from the kernel, when it is done. Idle: the process sleeps between its changes, and nothing else
runs. Busy: a loop on each CPU.
"""
import os
import subprocess

from harness import build, meter, module
from harness.loop import Loop

PACE = 2000000  # nanoseconds


def changes_arrive(turns, busy):
    loop = Loop('mmap')
    with subprocess.Popen([build.program('arrive')], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        watcher = module.Watcher(loop.pid, '--json', stdout=reader.stdin)
        loop.round(20, PACE)
        if not busy:
            meter.at_rest()
        loop.round(turns, PACE)
        watcher.caught_up()
        watcher.end()
        reader.stdin.close()
        late = [int(line) for line in reader.stdout]
    loop.end()
    return late[40:]


def measure(how):
    module.load()
    turns = 100 if how.quick else 1000
    for state, busy in ('idle', 0), ('busy', os.cpu_count()):
        spinners = [subprocess.Popen(['sh', '-c', 'while :; do :; done']) for _ in range(busy)]
        late = sorted(changes_arrive(turns, busy))
        for spinner in spinners:
            spinner.kill()
            spinner.wait()
        if len(late) != 2 * turns:
            raise AssertionError(f'{len(late)} of {2 * turns} changes arrived')
        yield {'system': state, 'cpus': os.cpu_count(), 'changes': len(late), 'p50': late[len(late) // 2],
               'p99': late[len(late) * 99 // 100], 'max': late[-1]}
