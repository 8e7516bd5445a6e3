# SPDX-License-Identifier: GPL-2.0-only
"""Changes that another process makes, or looks as if it did. See test_events_userfault.py as well."""
import errno
import os

from harness import pidfd, procfs, ptrace
from harness.puppet import ANON, PAGE
from harness.watched import shared

WILLNEED, DONTFORK, DONTDUMP, COLD, PAGEOUT, GUARD_INSTALL = 3, 10, 16, 20, 21, 102


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


def test_ptrace():
    """a tracer writes below the stack: it grows, cause remote"""
    w = shared(__file__)
    stack = next(r for r in w.view.regions if r.name == b'[stack]')
    with ptrace.held(w.pid):
        ptrace.poke(w.pid, stack.start - 2 * PAGE, 1)
    event = w.event('a write below the stack by a tracer', cause='remote', actor=(os.getpid(), os.getpid()),
                    comm=procfs.read('/proc/self/comm').decode().strip())
    assert event['syscall']['name'] == 'ptrace' and event['new'][0]['start'] == hex(stack.start - 2 * PAGE)


def test_process_vm():
    """process_vm_writev(): it writes where memory is, and makes no stack grow: no event"""
    w = shared(__file__)
    addr = w.mmap(4 * PAGE)
    stack = next(r for r in w.view.regions if r.name == b'[stack]')
    assert pidfd.write_memory(w.pid, addr, b'x' * PAGE) == PAGE
    w.nothing('process_vm_writev()')
    assert pidfd.write_memory(w.pid, stack.start - 2 * PAGE, b'x') == -errno.EFAULT
    w.nothing('process_vm_writev() below the stack')


def test_process_madvise():
    """process_madvise(): another process may give advice about pages only: no event"""
    w = shared(__file__)
    addr = w.mmap(4 * PAGE)
    w.puppet.store(addr)
    # A kernel without swap knows that of files only.
    willneed = 4 * PAGE if os.path.exists('/proc/swaps') else -errno.EBADF
    for advice, answer in (COLD, 4 * PAGE), (PAGEOUT, 4 * PAGE), (WILLNEED, willneed):
        assert pidfd.advise(w.pid, addr, 4 * PAGE, advice) == answer
        w.nothing(f'process_madvise({advice})')
    for advice in DONTFORK, DONTDUMP, GUARD_INSTALL:
        assert pidfd.advise(w.pid, addr, 4 * PAGE, advice) == -errno.EINVAL
        w.nothing(f'process_madvise({advice})')


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
    w.puppet.vfork_call('execve', path, w.puppet.words(['/bin/true']), 0)
    w.nothing('exec by a child')
    w.change('mmap', 0, PAGE, 3, ANON, -1, 0)
