# SPDX-License-Identifier: GPL-2.0-only
"""A recorder that is held up is overrun; once it goes on, its map is right again."""
import ctypes
import os
import random
import signal
import socket

from driver.oracle import Oracle, Tally, Wrong
from driver.target import Target

SYS_PIDFD_GETFD = 438
SMALLEST_RING = 65536
# More changes than the smallest ring and the smallest socket hold together.
FULL = 400
LEG = 25


def small_socket(pid, portid):
    """Let the socket of a client's events hold next to nothing: its buffer would hold thousands."""
    pidfd = os.pidfd_open(pid)
    try:
        for name in os.listdir(f'/proc/{pid}/fd'):
            if not os.readlink(f'/proc/{pid}/fd/{name}').startswith('socket:'):
                continue
            sock = socket.socket(fileno=pidfd_getfd(pidfd, int(name)))
            with sock:
                if sock.family == socket.AF_NETLINK and sock.getsockname()[0] == portid:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                    return
    finally:
        os.close(pidfd)
    raise AssertionError(f'client {pid} has no socket {portid}')


def pidfd_getfd(pidfd, number):
    """A file that another process has open."""
    found = ctypes.CDLL(None, use_errno=True).syscall(SYS_PIDFD_GETFD, pidfd, number, 0)
    if found < 0:
        raise OSError(ctypes.get_errno(), 'pidfd_getfd')
    return found


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
            small_socket(oracle.recorder.pid, subscriber['portid'])
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
