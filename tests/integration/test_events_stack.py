# SPDX-License-Identifier: GPL-2.0-only
"""A stack that grows: the cause is a fault, also within a system call."""
import os
import subprocess

from harness import build, client, netlink, procfs, space
from harness.puppet import ANON, MAP_FIXED, MAP_GROWSDOWN, PAGE, PROT_NONE, RW
from harness.tap import defer
from harness.watched import Watched, shared


def puppet():
    return shared(__file__)


def stack(w):
    return next(r for r in w.view.regions if r.name == b'[stack]')


def test_fault():
    """by a touch far below"""
    w = puppet()
    for pages in 1, 5, 40:
        before = stack(w)
        w.puppet.store(before.start - pages * PAGE)
        event = w.event('a store below the stack', cause='fault')
        assert stack(w).start == before.start - pages * PAGE and 'syscall' not in event
        assert event['delta'] == pages * PAGE


def test_inside():
    """a touch of what it has already: no event"""
    w = puppet()
    w.puppet.store(stack(w).start)
    w.nothing('a store into the stack')


def test_syscall():
    """by a system call that writes to it"""
    w = puppet()
    fd = w.prepare('open', w.puppet.poke(b'/dev/zero'), os.O_RDONLY)
    addr = stack(w).start - 6 * PAGE
    assert w.puppet.call('read', fd, addr, 8) == 8
    event = w.event('read() below the stack', cause='fault')
    assert event['syscall']['name'] == 'read' and stack(w).start == addr
    addr -= 3 * PAGE
    w.puppet.call('getcwd', addr, 100)
    event = w.event('getcwd() below the stack', cause='fault')
    assert event['syscall']['name'] == 'getcwd' and stack(w).start == addr


def test_own():
    """MAP_GROWSDOWN memory of one's own"""
    w = puppet()
    addr = w.mmap(1024 * PAGE, PROT_NONE)
    w.prepare('munmap', addr + PAGE, 1022 * PAGE)
    at = addr + 1000 * PAGE
    w.prepare('mmap', at, 2 * PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0)
    w.puppet.store(at - 10 * PAGE)
    event = w.event('a store below', cause='fault')
    assert 'syscall' not in event and event['new'][0]['start'] == hex(at - 10 * PAGE)


def test_thread():
    """by a thread that touches the main thread's stack"""
    w = Watched(threads=2)
    w.puppet.store(stack(w).start - 3 * PAGE, thread=1)
    w.event('a store by a thread', cause='fault', thread=1)


def test_signal():
    """on the way out of munmap(), for the frame of a signal: told at once, not with what changes next"""
    with subprocess.Popen([build.driver('grow')], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as proc:
        defer(proc.kill)
        assert proc.stdout.readline() == b'ready\n'
        watch = client.Watch('--ring-size=16M', proc.pid)
        first = watch.record()
        kept = space.Space(first)
        proc.stdin.write(b'\n')
        proc.stdin.flush()
        line = proc.stdout.readline()
        assert line, f'it ended with {proc.wait()}'
        before = int(line, 16)
        with netlink.Netlink() as ask:
            last = ask.events_so_far(first['watch'])
        while kept.seq < last:
            event = watch.record()
            kept.apply(event)
        assert kept.maps() == procfs.maps(proc.pid)
        assert (event['cause'], event['syscall']['name']) == ('fault', 'munmap'), event
        assert int(event['new'][0]['start'], 16) < before, event
