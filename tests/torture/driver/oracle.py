# SPDX-License-Identifier: GPL-2.0-only
"""The map that was recorded is the map that the process has, whenever it is stopped."""
import difflib
import os
import random

from driver import client
from driver.target import Target
from driver.wait import until
from harness.client import listed

# So large that nothing is lost, however slow the machine is: more than the events of one step.
RING = 8 << 20
# Comparisons in one recording: it is replayed from its beginning at each.
LEGS = 1, 1, 1, 3
# Lines of a recording to show where it is wrong.
LAST = 40
# More new regions than an event of the module tells: see VASMON_SECTION_RECORDS.
MANY = 32 * 32
EFFORTS = 'window', 'stack', 'full_call', 'full_remote', 'full_totals'


class Wrong(Exception):
    """The map was not right, or could not be had."""


class Tally:
    """What was done with one seed."""

    def __init__(self):
        self.changes = self.comparisons = self.overruns = self.lost = self.ops = self.execs = self.incomplete = 0
        self.effort = dict.fromkeys(EFFORTS, 0)

    def take(self, watch, subscriber):
        """A recording is done: what 'list' said of it."""
        self.changes += watch['seq']
        self.overruns += subscriber['overruns']
        self.lost += subscriber['lost']
        for name in EFFORTS:
            self.effort[name] += watch['effort'][name]

    def __str__(self):
        effort = '/'.join(str(self.effort[name]) for name in EFFORTS)
        return (f'{self.changes} changes, {self.comparisons} comparisons, {self.ops} operations, '
                f'{self.execs} programs, {self.incomplete} incomplete; window/stack/call/remote/totals {effort}')


def compare(said, seen, target, what):
    if said == seen:
        return
    lines = list(difflib.unified_diff(
        said.decode(errors='replace').splitlines(), seen.decode(errors='replace').splitlines(),
        'recorded', '/proc', lineterm='', n=1))
    lines = [f'{what}: the maps differ'] + lines[:40]
    lines.append(f'operations {target.board.ops(target.threads)}, stop {target.board.stops}, '
                 f'program {target.board.execs}')
    for slot in range(target.threads):
        lines += target.board.tail(slot, 12)
    raise Wrong('\n'.join(lines))


class Oracle:
    """Records a target, and compares."""

    def __init__(self, target, tally, *args, ring=RING):
        self.target = target
        self.tally = tally
        self.args = ['--ring-size', str(ring), *args]
        self.recorder = None

    def begin(self):
        # The watch of the last recorder ends a moment after that. Its changes were counted.
        until(lambda: all(watch['pid'] != self.target.pid for watch in listed()), 'the last watch is gone')
        self.recorder = client.Recorder(self.target.pid, *self.args)

    def compare(self):
        """The target stands still."""
        watch, _ = self.recorder.watch()
        compare(self.recorder.maps_at(watch['seq']), self.target.maps(), self.target, f'event {watch["seq"]}')
        self.healed_nothing()
        self.tally.comparisons += 1
        # An overrun is counted when the recorder comes to read of it.
        return self.recorder.watch()

    def healed_nothing(self):
        """That the client made its map right again is not enough."""
        said = self.recorder.said()
        assert 'does not fit' not in said, '\n'.join(said.splitlines()[:5])

    def count_incomplete(self):
        """Only an event of very many regions may be."""
        lost = None
        for record in self.recorder.records():
            if record['type'] == 'lost':
                lost = record
            elif record['type'] == 'map' and lost:
                assert lost['reason'] == 'incomplete' and record['map_count'] > MANY, (
                    f'a new map of {record["map_count"]} regions was taken because of {lost["reason"]}: '
                    f'{lost.get("event")}')
                self.tally.incomplete += 1
                lost = None

    def finish(self):
        """The target stands still; the recording is complete."""
        watch, subscriber = self.recorder.caught_up()
        status = self.recorder.interrupt()
        assert not status, f'the recorder ended with {status}: {self.recorder.said()}'
        compare(self.recorder.maps(), self.target.maps(), self.target, 'at the end of the recording')
        self.healed_nothing()
        self.tally.comparisons += 1
        events, lost = self.recorder.summary()
        if not subscriber['overruns']:
            if self.recorder.coalesced():
                self.count_incomplete()
            # The watch may have counted some between its beginning and the subscription.
            assert (events, lost) == (subscriber['sent'], 0), (
                f'{events} events and {lost} lost of {subscriber["sent"]} that were sent')
        self.tally.take(watch, subscriber)
        self.recorder = None

    def explain(self, wrong):
        """And how the recording ends: the file goes with the machine, if that is virtual."""
        if not self.recorder or not os.path.exists(self.recorder.path):
            return str(wrong)
        return f'{wrong}\nthe end of the recording:\n{self.recorder.last(LAST)}'

    def end(self):
        if self.recorder:
            self.recorder.end()


def run(seed, threads, changes, regions, mean):
    """Torture, stop, and compare. Returns a tally."""
    dice = random.Random(seed)
    tally = Tally()
    target = Target(seed, threads, mean, regions)
    oracle = Oracle(target, tally)
    try:
        while tally.changes < changes:
            oracle.begin()
            # From before the first change on, or into the midst of them.
            if not tally.changes or dice.randrange(2):
                oracle.recorder.watch()
            for _ in range(dice.choice(LEGS) - 1):
                target.step()
                oracle.compare()
            target.step()
            oracle.finish()
            assert not tally.lost, f'{tally.lost} events were lost'
    except (Wrong, AssertionError, TimeoutError) as wrong:
        raise Wrong(oracle.explain(wrong)) from wrong
    finally:
        oracle.end()
        tally.ops, tally.execs = target.ops(), target.board.execs
        target.end()
    return tally
