# SPDX-License-Identifier: GPL-2.0-only
"""Changes that another process makes, or looks as if it did. See test_events_userfault.py as well."""
import os

from harness import procfs
from harness.puppet import ANON, PAGE
from harness.watched import shared


def test_stack():
    """another process writes below the stack: it grows, cause remote"""
    w = shared(__file__)
    stack = next(r for r in w.view.regions if r.name == b'[stack]')
    with open(f'/proc/{w.pid}/mem', 'r+b', buffering=0) as mem:
        mem.seek(stack.start - 3 * PAGE)
        mem.write(b'x')
    event = w.event('a write below the stack by another process', cause='remote', actor=(os.getpid(), os.getpid()),
                    comm=procfs.read('/proc/self/comm').decode().strip())
    assert event['new'][0]['start'] == hex(stack.start - 3 * PAGE)


def test_reading():
    """another process looks, and clears soft-dirty bits: no event"""
    w = shared(__file__)
    for name in 'maps', 'smaps', 'smaps_rollup', 'numa_maps', 'auxv', 'environ':
        if os.path.exists(f'/proc/{w.pid}/{name}'):
            procfs.read(f'/proc/{w.pid}/{name}')
    for what in '1', '4', '5':
        try:
            with open(f'/proc/{w.pid}/clear_refs', 'w', encoding='ascii') as file:
                file.write(what)
        except OSError:
            assert what == '4', 'only soft-dirty bits may be unknown to a kernel'
    w.nothing('reading /proc and clearing references')


def test_fork():
    """fork: no event, and none of the child's"""
    w = shared(__file__)
    w.puppet.fork()
    w.nothing('fork')


def test_vfork():
    """a child that shares the address space: its changes, by its id"""
    w = shared(__file__)
    addr, pid = w.puppet.vfork_call('mmap', 0, 4 * PAGE, 3, ANON, -1, 0)
    event = w.event('mmap by a child', actor=(pid, pid))
    w.made_by_call(event, 'mmap', (0, 4 * PAGE, 3, ANON, -1, 0))
    assert any(r.start <= addr < r.end for r in w.view.regions)


def test_vfork_exec():
    """such a child execs: no event, the watch goes on"""
    w = shared(__file__)
    path = w.puppet.poke(b'/bin/true')
    args = w.puppet.poke(path.to_bytes(8, 'little') + bytes(8))
    w.puppet.vfork_call('execve', path, args, 0)
    w.nothing('exec by a child')
    w.change('mmap', 0, PAGE, 3, ANON, -1, 0)
