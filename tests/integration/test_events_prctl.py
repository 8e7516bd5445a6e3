# SPDX-License-Identifier: GPL-2.0-only
"""prctl() moves the break, the heap's begin, and the stack's, and names memory."""
import errno
import struct

from harness import procfs
from harness.puppet import PAGE, RW
from harness.tap import Skip
from harness.watched import shared

PR_SET_MM, PR_SET_VMA, PR_SET_VMA_ANON_NAME = 35, 0x53564d41, 0
START_CODE, END_CODE, START_DATA, END_DATA, START_STACK, START_BRK, BRK = range(1, 8)
SET_MM_MAP = 14


def puppet():
    w = shared(__file__)
    if w.puppet.try_call('prctl', PR_SET_MM, BRK, w.view.brk, 0, 0) == -errno.EINVAL:
        raise Skip('this kernel has no CONFIG_CHECKPOINT_RESTORE')
    return w


def test_brk():
    """PR_SET_MM_BRK"""
    w = puppet()
    w.prepare('brk', w.view.brk + 10 * PAGE)
    _, event = w.change('prctl', PR_SET_MM, BRK, w.view.brk - 5 * PAGE - 1, 0, 0)
    assert event['brk']['delta'] == -5 * PAGE - 1 and 'window' not in event


def test_start_brk():
    """PR_SET_MM_START_BRK"""
    w = puppet()
    w.prepare('brk', w.view.brk + 10 * PAGE)
    _, event = w.change('prctl', PR_SET_MM, START_BRK, w.view.start_brk + PAGE, 0, 0)
    assert event['start_brk'] == hex(w.view.start_brk)


def test_start_stack():
    """PR_SET_MM_START_STACK: the region that is called [stack] is another one"""
    w = puppet()
    addr = w.mmap(4 * PAGE, RW)
    before = w.view.start_stack
    w.change('prctl', PR_SET_MM, START_STACK, addr + PAGE, 0, 0)
    assert any(r.name == b'[stack]' and r.start <= addr < r.end for r in w.view.regions)
    w.change('prctl', PR_SET_MM, START_STACK, before, 0, 0)


def test_map():
    """PR_SET_MM_MAP: several at once"""
    w = puppet()
    w.prepare('brk', w.view.brk + 10 * PAGE)
    stat = procfs.stat(w.pid)
    fields = [int(stat[n]) for n in (26, 27, 45, 46)]
    fields += [w.view.start_brk, w.view.brk - 3 * PAGE, w.view.start_stack]
    fields += [int(stat[n]) for n in (48, 49, 50, 51)]
    struct_map = struct.pack('=11QQIi', *fields, 0, 0, -1)
    w.change('prctl', PR_SET_MM, SET_MM_MAP, w.puppet.poke(struct_map), len(struct_map), 0)
    # The same again: nothing moves.
    w.no_event('prctl', PR_SET_MM, SET_MM_MAP, w.puppet.poke(struct_map), len(struct_map), 0)


def test_others():
    """what is no part of the map: no event"""
    w = puppet()
    w.no_event('prctl', PR_SET_MM, END_DATA, int(procfs.stat(w.pid)[46]) - 1, 0, 0)
    w.no_event('prctl', PR_SET_MM, BRK, 1, 0, error=errno.EINVAL)


def test_anon_name():
    """PR_SET_VMA_ANON_NAME"""
    w = puppet()
    addr = w.mmap(8 * PAGE)
    name = w.puppet.poke(b'my name')
    if w.puppet.try_call('prctl', PR_SET_VMA, PR_SET_VMA_ANON_NAME, addr + PAGE, PAGE, name) == -errno.EINVAL:
        raise Skip('this kernel has no CONFIG_ANON_VMA_NAME')
    event = w.event('PR_SET_VMA_ANON_NAME')
    assert any(r.get('name') == 'my name' for r in event['new'])
