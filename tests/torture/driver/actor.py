# SPDX-License-Identifier: GPL-2.0-only
"""Each event names the thread that did it, and what that thread asked for."""
import collections
import json
import subprocess

from driver import client
from driver.board import RING
from driver.oracle import Wrong
from driver.target import ACTOR, Target

# As generator/worker.h and thread.c have them.
FAR_START, FAR_STEP = 0x2000000000, 0x100000000
# Calls that change no map; but they write to memory, and a stack may grow.
HARMLESS = 'getcwd', 'clock_gettime', 'mincore'


def number(text):
    return int(text, 16)


class Actors:
    """What each worker has noted, and how far events were found in it."""

    def __init__(self, target):
        self.board = target.board
        self.read = [0] * target.threads
        self.calls = [collections.deque() for _ in range(target.threads)]
        self.events = self.faults = self.faults_in_calls = 0
        self.tids = set()

    def listen(self):
        """Take what was noted since the last time; the target stands still."""
        for slot, start in enumerate(self.read):
            self.read[slot] = self.board.count(slot)
            assert self.read[slot] - start <= RING, 'notes were overwritten'
            self.calls[slot].extend(self.board.entries(slot, start, self.read[slot]))

    def take(self, event):
        """Find the call that this is the effect of: none of the worker's calls before the last one that was found."""
        start, end = number(event['window']['start']), number(event['window']['end'])
        slot = (start - FAR_START) // FAR_STEP
        if not 0 <= slot < len(self.calls) or (end - 1 - FAR_START) // FAR_STEP != slot:
            raise Wrong(f'an event in nobody\'s arena: {event}')
        call = event.get('syscall')
        args = [number(arg) for arg in call['args']] if call else None
        calls = self.calls[slot]
        while calls:
            entry = calls[0]
            if call:
                found = entry.nr == call['nr'] and entry.args == args
            else:
                found = entry.nr == -1 and start <= entry.args[0] < end
            if found and entry.tid == event['tid']:
                # It stays, for a call may have several effects.
                self._count(event, call)
                return
            calls.popleft()
        near = self.board.tail(slot, 20)
        raise Wrong('\n'.join([f'worker {slot} did not do this: {event}', 'it did last:'] + near))

    def _count(self, event, call):
        cause = 'fault' if not call or call['name'] in HARMLESS else 'syscall'
        if event['cause'] != cause:
            raise Wrong(f'the cause is not {cause}: {event}')
        self.events += 1
        self.faults += not call
        self.faults_in_calls += bool(call) and event['cause'] == 'fault'
        self.tids.add(event['tid'])


def run(seed, threads, changes):
    """Returns what was done, in words."""
    target = Target(seed, threads, RING // 32, mode=ACTOR)
    actors = Actors(target)
    watch = client.Client(['watch', '-q', '--json', '--ring-size', str(64 << 20)], target.pid,
                          stdout=subprocess.PIPE)
    seq = 0
    try:
        watch.watch()
        while seq < changes:
            target.step()
            actors.listen()
            last = watch.watch()[0]['seq']
            while seq < last:
                event = json.loads(watch.process.stdout.readline())
                if event['type'] != 'event' or event['seq'] != seq + 1:
                    raise Wrong(f'instead of event {seq + 1}: {event}')
                seq += 1
                actors.take(event)
    finally:
        watch.end()
        target.end()
    assert len(actors.tids) > threads, 'no thread took over from another'
    assert actors.faults and actors.faults_in_calls, f'{actors.faults} and {actors.faults_in_calls} faults'
    return (f'{actors.events} changes by {len(actors.tids)} threads, {actors.faults} of them faults, '
            f'{actors.faults_in_calls} faults in calls')
