# SPDX-License-Identifier: GPL-2.0-only
"""What one look at a whole address space costs who looks, and how long it keeps the process's mmap lock.

Costs are CPU time of the reader, system calls included. The lock: tracepoints of the mmap lock, in a run of its own, from
each acquire_returned of the reader to its released, of the target's mm; they count microseconds, and themselves. Readers
that take the locks of single regions instead (maps and PROCMAP_QUERY from 6.17 on) do not show.
"""
import os
import pathlib
import re
import resource
import subprocess

from harness import build, meter, module
from harness.loop import Loop

WAYS = ['received', 'netlink', 'model', 'debugfs', 'maps', 'parsed', 'query', 'smaps', 'pmap']
SLOW = {'smaps': (1, 1), 'pmap': (0, 1)}
LOCKED = 20000  # regions of the run that looks at the lock
TRACING = pathlib.Path('/sys/kernel/tracing/instances/vasmon-bench')
EVENT = re.compile(r'-(\d+) +\[\d+\] \S+ +(\d+)\.(\d+): mmap_lock_(acquire_returned|released): mm=(\S+)')


def regions_of(pid):
    return pathlib.Path(f'/proc/{pid}/maps').read_bytes().count(b'\n')


def look(way, pid, times):
    """Costs, each of one look; None if this kernel has no such thing. And the pid of who looked."""
    if way == 'pmap':
        costs = []
        for _ in range(times):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            with subprocess.Popen(['pmap', '-x', str(pid)], stdout=subprocess.DEVNULL) as looker:
                pass
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            costs.append(int((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e9))
        return costs, looker.pid
    with subprocess.Popen([build.program_with_client('snapshot'), way, str(pid), str(times)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as looker:
        out, err = looker.communicate()
    if looker.returncode:
        return None, err.strip()
    return [int(line.split()[0]) for line in out.splitlines()], looker.pid


def control(name, value):
    (TRACING / name).write_text(str(value), encoding='ascii')


def held(way, target):
    """Of one look: how often the lock was held, in sum, and at most, in nanoseconds."""
    control('trace', '')
    control('tracing_on', 1)
    _, looker = look(way, target.pid, 1)
    target.round(1)  # tells which mm is the target's
    control('tracing_on', 0)
    events = EVENT.findall((TRACING / 'trace').read_text(encoding='ascii', errors='replace'))
    mm = next(event[4] for event in reversed(events) if int(event[0]) == target.pid)
    holds, since = [], None
    for pid, seconds, micros, what, which in events:
        if int(pid) != looker or which != mm:
            continue
        now = (int(seconds) * 1000000 + int(micros)) * 1000
        if what == 'acquire_returned':
            since = now
        elif since is not None:
            holds.append(now - since)
            since = None
    return {'holds': len(holds), 'held': sum(holds), 'longest': max(holds, default=0)}


def measure(how):
    module.load()
    TRACING.mkdir(exist_ok=True)
    try:
        control('trace_clock', 'mono')
        control('buffer_size_kb', 20000)
        for event in 'acquire_returned', 'released':
            control(f'events/mmap_lock/mmap_lock_{event}/enable', 1)
        control('tracing_on', 0)
        for wanted in [10, 1000, LOCKED] if how.quick else [10, 1000, LOCKED, 60000]:
            target = Loop('mmap', wanted)
            regions = regions_of(target.pid)
            for way in WAYS:
                row = {'way': way, 'wanted': wanted, 'regions': regions}
                # The first is a warm-up, but of pmap, which is another process each time, and slow.
                first, times = SLOW.get(way, (1, how.runs))
                costs, why = look(way, target.pid, first + times)
                if costs is None:
                    yield row | {'missing': why}
                    continue
                row['cost'] = meter.spread(costs[first:])
                if wanted == LOCKED:
                    row |= held(way, target)
                yield row
            target.end()
    finally:
        os.rmdir(TRACING)
