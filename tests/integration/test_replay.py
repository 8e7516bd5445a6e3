# SPDX-License-Identifier: GPL-2.0-only
"""A map and the events after it are the map at every later moment."""
import os
import random
import signal

from harness import client, netlink, procfs, space
from harness.churn import Churn
from harness.puppet import go_on, stop
from harness.tap import defer, long, note
from harness.wait import until

RING_SIZE = '/sys/module/vasmon/parameters/ring_size'
CHANGES = 10000


def large_ring():
    """So large that nothing is lost, however slow the machine is."""
    with open(RING_SIZE, 'r+', encoding='ascii') as file:
        before = file.read()
        file.write(str(64 << 20))

    def back():
        with open(RING_SIZE, 'w', encoding='ascii') as file:
            file.write(before)
    defer(back)


class Follower:
    """Keeps the map from what a client prints."""

    def __init__(self, pid):
        self.pid = pid
        self.watch = client.Watch(pid)
        first = self.watch.record()
        self.space = space.Space(first)
        self.number = first['watch']
        self.anew = 0
        self.causes = {}
        self.nl = netlink.Netlink()
        defer(self.nl.close)

    def take(self, record):
        if record['type'] == 'lost':
            # Too many new regions for one event: the map comes instead, and nothing is missed.
            assert record['reason'] == 'incomplete' and record['missed'] == 0, record
            self.space.take(self.watch.record())
            self.anew += 1
        else:
            self.space.apply(record)
            name = record.get('syscall', {}).get('name', '')
            self.causes[record['cause'], name] = self.causes.get((record['cause'], name), 0) + 1

    def events_so_far(self):
        return self.nl.events_so_far(self.number)

    def compare(self):
        """The process stands still: what came is what it has."""
        last = self.events_so_far()
        while self.space.seq < last:
            self.take(self.watch.record())
        said, seen = self.space.maps(), procfs.maps(self.pid)
        if said != seen:
            differ = [pair for pair in zip(said.splitlines(), seen.splitlines()) if pair[0] != pair[1]]
            raise AssertionError(f'after event {self.space.seq}: {differ[:3]}')
        assert client.raw_maps(self.pid) == seen


def churned(seed, threads):
    large_ring()
    dice = random.Random(seed)
    churn = Churn(seed, CHANGES, threads)
    follower = Follower(churn.pid)
    follower.compare()
    churn.tell()
    for _ in range(4):
        goal = follower.space.seq + dice.randrange(200, 1200)
        until(lambda goal=goal: follower.events_so_far() >= goal, f'event {goal}')
        # Wherever it is by now, it is stopped there.
        stop(churn.pid)
        follower.compare()
        go_on(churn.pid)
    assert churn.process.stdout.read(1) == b'.', f'churn did not end well: {churn.process.wait()}'
    stop(churn.pid)
    follower.compare()
    go_on(churn.pid)
    events = follower.space.seq
    counts = sorted(follower.causes.items(), key=lambda item: -item[1])
    note(f'{events} events, {follower.anew} times the map anew: ' +
         ', '.join(f'{cause} {name} {count}'.replace('  ', ' ') for (cause, name), count in counts))
    # Not every change makes a difference, and a few take more than one call.
    assert events > CHANGES // 2, f'only {events} events'
    assert {name for _, name in follower.causes} >= {
        'mmap', 'munmap', 'mprotect', 'mremap', 'madvise', 'brk', 'mlock', 'munlock', 'shmat', 'shmdt', ''}
    assert ('fault', '') in follower.causes and ('fault', 'getcwd') in follower.causes
    os.kill(churn.pid, signal.SIGKILL)
    rest = follower.watch.rest()
    assert rest[-1]['type'] == 'exit' and rest[-1]['signal'] == signal.SIGKILL
    assert follower.watch.wait() == client.DONE
    assert ' 0 missed' in follower.watch.stderr(), follower.watch.stderr()


@long
def test_one_thread():
    """10 000 random changes"""
    churned(20240601, 1)


@long
def test_threads():
    """10 000 random changes by four threads at once"""
    churned(20240602, 4)
