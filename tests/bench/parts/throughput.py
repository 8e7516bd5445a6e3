# SPDX-License-Identifier: GPL-2.0-only
"""How many changes a second clients can follow without an overrun, for longer than ring and socket hold what comes.

The loop has a CPU of its own, the clients have the others. A loop that is not hot spins between its turns, for what an
emulated CPU leaves to others when it sleeps no real one has.
"""
import os
import time

from harness import module
from harness.loop import Loop

OUTPUTS = {'text': ('watch', ()), 'JSON': ('watch', ('--json',)), 'record': ('record', ())}
SUBSCRIBERS = [1, 8]
RINGS = [65536, 262144, 1048576, 4194304]
STEPS = 3  # that halve what is between too fast and slow enough


def pinned(cpus):
    return lambda command: ['taskset', '-c', cpus, *command]


class Followed:
    """A loop on the first CPU, and its clients on the others."""

    def __init__(self, output, subscribers, *options, file='/dev/null'):
        verb, more = OUTPUTS[output]
        self.loop = Loop('mmap', 0, pinned('0'))
        os.sched_setaffinity(0, set(range(1, os.cpu_count())) or {0})
        self.watchers = [module.Watcher(self.loop.pid, *more, *options, '-o', file, verb=verb)
                         for _ in range(subscribers)]

    def round(self, turns, pace=0):
        """Seconds that it took the loop."""
        start = time.monotonic()
        self.loop.round(turns, pace)
        return time.monotonic() - start

    def lost(self):
        """The events that clients missed so far, of those that have happened."""
        return sum(watcher.caught_up()[1]['lost'] for watcher in self.watchers)

    def follows(self, turns, pace):
        before = self.lost()
        self.round(turns, pace)
        return self.lost() == before

    def end(self):
        for watcher in self.watchers:
            watcher.end()
        self.loop.end()


def rate(output, subscribers, turns, *options):
    """The fastest that is followed without a miss, by that many changes; None where the loop itself is not faster."""
    followed = Followed(output, subscribers, *options)
    hot = int(followed.round(turns) * 1e9 / turns)
    pace = fast = hot
    while not followed.follows(turns, pace):
        pace, fast = pace * 2, pace
    for _ in range(STEPS if pace > hot else 0):
        middle = (pace + fast) // 2
        if followed.follows(turns, middle):
            pace = middle
        else:
            fast = middle
    followed.end()
    return {'changes': 2 * turns, 'rate': 2e9 / pace, 'rate_hot': 2e9 / hot}


def measure(how):
    module.load()
    turns = 30000 if how.quick else 100000
    for output in OUTPUTS:
        for subscribers in SUBSCRIBERS:
            yield {'output': output, 'subscribers': subscribers} | rate(output, subscribers, turns)
    for ring in RINGS:
        yield {'output': 'text', 'subscribers': 1, 'ring': ring} | rate('text', 1, turns, f'--ring-size={ring}')
