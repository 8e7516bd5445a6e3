# SPDX-License-Identifier: GPL-2.0-only
"""The target is killed at any moment: its watch ends with that, and nothing is left behind."""
import os
import random
import signal

from driver import client
from driver.oracle import RING, Wrong
from driver.target import NEVER, Target
from driver.wait import TIMEOUT, until
from harness import netlink

# Operations of all threads before it is killed, at most.
OPS = 1500


def check(recorder, follow):
    """The recording is complete, and tells how it ended. Returns the number of changes."""
    status = recorder.process.wait(TIMEOUT)
    assert not status, f'the recorder ended with {status}: {recorder.said()}'
    events, lost = recorder.summary(client.ENDED)
    assert not lost, f'{lost} events were lost'
    assert 'does not fit' not in recorder.said(), recorder.said()
    records = recorder.records('-q')
    exits = [record for record in records if record['type'] == 'exit' and record['pid'] == recorder.target]
    assert len(exits) == 1 and exits[0].get('signal') == signal.SIGKILL, f'it was killed: {exits}'
    last = records[-1]
    assert last['type'] == 'exit' and last.get('end') and (follow or last is exits[0]), f'the last one is {last}'
    assert last['seq'] == events, f'{events} events, and the last one is {last}'
    return events


def clean(pid):
    netlink.none_left(TIMEOUT)
    until(lambda: not os.path.exists(f'/sys/kernel/debug/vasmon/{pid}'), 'its file in debugfs goes')


def run(seed, rounds):
    """Returns what was done, in words."""
    dice = random.Random(seed)
    changes = 0
    for number in range(rounds):
        target = Target(seed + number, dice.choice((1, 2, 4, 8)), NEVER)
        follow = bool(dice.randrange(2))
        recorder = client.Recorder(target.pid, '--ring-size', str(RING), *(['-f'] if follow else []))
        try:
            recorder.watch()
            enough = dice.randrange(OPS)
            target.go_on()
            until(lambda: target.ops() >= enough or target.check(), f'it does {enough} operations')
            target.kill()
            changes += check(recorder, follow)
            clean(target.pid)
        except (AssertionError, TimeoutError) as wrong:
            raise Wrong(f'round {number}, seed {seed + number}, follow {follow}: {wrong}') from wrong
        finally:
            recorder.end()
            target.end()
    return f'{rounds} times, {changes} changes'
