# SPDX-License-Identifier: GPL-2.0-only
"""How many changes a second clients can follow without an overrun, and whether they follow a hot loop.

The loop has a CPU of its own, the clients have the others. With --lossless the loop goes as fast as the slowest
client; then the same rate, a tenth less, has to do without overrun where nothing waits.
"""
import os
import time

from harness import module
from harness.loop import Loop

OUTPUTS = {'text': ('watch', ()), 'JSON': ('watch', ('--json',)), 'record': ('record', ())}
SUBSCRIBERS = [1, 8]
RINGS = [65536, 262144, 1048576, 4194304]
HOT = 60  # seconds


def pinned(cpus):
    return lambda command: ['taskset', '-c', cpus, *command]


class Followed:
    """A loop on the first CPU, and its clients on the others."""

    def __init__(self, output, subscribers, *options):
        verb, more = OUTPUTS[output]
        self.loop = Loop('mmap', 0, pinned('0'))
        os.sched_setaffinity(0, set(range(1, os.cpu_count())) or {0})
        self.watchers = [module.Watcher(self.loop.pid, *more, *options, '-o', '/dev/null', verb=verb)
                         for _ in range(subscribers)]

    def round(self, turns, pace=0):
        """Seconds that it took the loop."""
        start = time.monotonic()
        self.loop.round(turns, pace)
        return time.monotonic() - start

    def lost(self):
        """The events that clients missed so far."""
        return sum(watcher.caught_up()[1]['lost'] for watcher in self.watchers)

    def end(self):
        for watcher in self.watchers:
            watcher.end()
        self.loop.end()


def rate(output, subscribers, turns, *options):
    followed = Followed(output, subscribers, '--lossless', *options)
    # Before and after that the ring is as full as it may be, so what the loop does the clients do as well.
    followed.round(turns)
    took = followed.round(turns)
    lost = followed.lost()
    followed.end()
    followed = Followed(output, subscribers, *options)
    followed.round(turns, int(took * 1e9 / turns / 0.9))
    lost_after = followed.lost()
    followed.end()
    return {'changes': 2 * turns, 'rate': 2 * turns / took, 'lost': lost, 'lost_at_nine_tenths': lost_after}


def measure(how):
    module.load()
    turns = 4000 if how.quick else 20000
    for output in OUTPUTS:
        for subscribers in SUBSCRIBERS:
            yield {'output': output, 'subscribers': subscribers} | rate(output, subscribers, turns // subscribers)
    for ring in RINGS:
        # Several times what the ring holds.
        yield {'output': 'text', 'subscribers': 1, 'ring': ring} | rate('text', 1, max(turns, ring // 100),
                                                                        f'--ring-size={ring}')
    for output in OUTPUTS:
        followed = Followed(output, 1)
        turns_a_second = turns / followed.round(turns)
        took = followed.round(int(turns_a_second * (2 if how.quick else HOT if output == 'text' else 5)))
        lost = followed.lost()
        watch, subscriber = followed.watchers[0].listed()
        yield {'output': output, 'hot': took, 'rate': 2 * turns_a_second, 'changes': watch['seq'], 'lost': lost,
               'overruns': subscriber['overruns'], 'cpus': os.cpu_count()}
        followed.end()
