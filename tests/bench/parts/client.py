# SPDX-License-Identifier: GPL-2.0-only
"""What the client's work costs: CPU time of the command, system calls included.

An event: of a process with some 250 regions that maps and unmaps. "watched" is all that the client does for it, reading
the socket and writing a file included; "formatted" is a recording replayed, less the same of which nothing is shown. A
map: the whole command, beside cat of /proc/PID/maps.
"""
import os
import subprocess
import sys
import time

from harness import build, module
from harness.loop import Loop

FORMATS = {'text': (), 'JSON': ('--json',)}
MAPS = {'maps --raw': ('--raw',), 'maps': (), 'maps --json': ('--json',)}
REGIONS = 20000


def cost_of(client):
    _, status, used = os.wait4(client.pid, 0)
    client.returncode = os.waitstatus_to_exitcode(status)
    if client.returncode:
        sys.exit(f'{client.args}: status {client.returncode}')
    return int((used.ru_utime + used.ru_stime) * 1e9)


def command(*words):
    return cost_of(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))


def watched(turns, *options, verb='watch'):
    """Of a client that sees so many turns of a loop, from its start on to its end."""
    loop = Loop('mmap', 220)
    events = build.folder() / 'events'
    events.unlink(missing_ok=True)
    watcher = module.Watcher(loop.pid, '--lossless', *options, '-o', str(events), verb=verb)
    loop.round(turns)
    # A process that ends before its first map is read has none.
    while not (events.exists() and events.stat().st_size):
        time.sleep(0.01)
    loop.end()
    return cost_of(watcher.client)


def measure(how):
    module.load()
    turns = [how.turns // 100, how.turns * 10]
    events = 2 * (turns[1] - turns[0])

    def each(what):
        """Of an event: without what there is once."""
        few, many = map(what, turns)
        return (many - few) / events

    recordings = {turns: str(build.folder() / f'{turns}.vm') for turns in turns}
    for one, path in recordings.items():
        watched(one, verb='record')
        os.rename(build.folder() / 'events', path)

    def replayed(*options):
        return each(lambda turns: command(module.CLIENT, 'replay', '-q', *options, recordings[turns]))

    unshown = replayed('-e', '!mark,exit', '-e', 'exec')
    for name, options in FORMATS.items():
        yield {'event': f'formatted as {name}', 'cost': replayed(*options) - unshown}
        yield {'event': f'watched to a file, {name}', 'cost': each(lambda turns, o=options: watched(turns, *o))}
    yield {'event': 'recorded', 'cost': each(lambda turns: watched(turns, verb='record'))}
    loop = Loop('mmap', REGIONS)
    yield {'map': 'cat /proc/PID/maps', 'regions': REGIONS, 'cost': command('cat', f'/proc/{loop.pid}/maps')}
    for name, options in MAPS.items():
        yield {'map': name, 'regions': REGIONS, 'cost': command(module.CLIENT, 'maps', *options, str(loop.pid))}
    loop.end()
