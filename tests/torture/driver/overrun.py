# SPDX-License-Identifier: GPL-2.0-only
"""A recorder that is held up is overrun; once it goes on, its map is right again."""
import random
import signal

from driver.oracle import Oracle, Tally, Wrong
from driver.target import Target
from harness import pidfd
from harness.netlink import SMALLEST_RING

# More changes than the smallest ring and the smallest socket hold together.
FULL = 400
LEG = 25


def run(seed, threads, overruns):
    """Until there were so many. Returns a tally."""
    dice = random.Random(seed)
    tally = Tally()
    target = Target(seed, threads, 2 * FULL // threads)
    oracle = Oracle(target, tally, ring=SMALLEST_RING)
    try:
        while tally.overruns < overruns:
            oracle.begin()
            _, subscriber = oracle.recorder.watch()
            pidfd.small_socket(oracle.recorder.pid, subscriber['portid'])
            seen = 0
            for _ in range(LEG):
                # Held up until more has come than there is room for.
                oracle.recorder.signal(signal.SIGSTOP)
                before = oracle.recorder.watch()[0]['seq']
                while oracle.recorder.watch()[0]['seq'] < before + FULL:
                    target.step()
                # It heals while changes go on, or while there are none.
                oracle.recorder.signal(signal.SIGCONT)
                if dice.randrange(2):
                    target.step()
                _, subscriber = oracle.compare()
                assert subscriber['overruns'] > seen, f'no overrun by {FULL} changes'
                seen = subscriber['overruns']
                if tally.overruns + seen >= overruns:
                    break
            oracle.finish()
    except (Wrong, AssertionError, TimeoutError) as wrong:
        raise Wrong(oracle.explain(wrong)) from wrong
    finally:
        oracle.end()
        tally.ops, tally.execs = target.ops(), target.board.execs
        target.end()
    return f'{tally.overruns} overruns, {tally.lost} events lost, {tally}'
