# SPDX-License-Identifier: GPL-2.0-only
"""Programs and system calls of 32 bits: their numbers and arguments are others."""
import errno

from harness import client
from harness.puppet import ANON, MAP_FIXED, NUMBERS_32, PAGE, PROT_NONE, PROT_READ, RW, Gone, Puppet, Puppet32
from harness.tap import Skip
from harness.watched import Watched, shared

MAYMOVE, DONTFORK = 1, 10
PR_SET_MM, BRK = 35, 7
I386 = 0x40000003
X32 = 0x40000000


def program():
    return shared(__file__, kind=Puppet32)


def effort(w):
    watch, = (watch for watch in client.listed() if watch['watch'] == w.number)
    return watch['effort']


def test_program():
    """a 32-bit program: each call that changes its map, by its own number"""
    w = program()
    addr = w.region(12)
    before = effort(w)
    w.change('mprotect', addr + PAGE, 2 * PAGE, PROT_READ)
    w.change('munmap', addr + 5 * PAGE, 2 * PAGE)
    w.change('mmap2', addr + 5 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0)
    w.change('madvise', addr + 8 * PAGE, PAGE, DONTFORK)
    w.change('mlock', addr + 10 * PAGE, PAGE)
    w.change('mremap', addr + 5 * PAGE, PAGE, 30 * PAGE, MAYMOVE)
    to, _ = w.change('mmap2', 0, 100 * PAGE, PROT_NONE, ANON, -1, 0)
    assert to < 1 << 32
    # Each time a look at the window sufficed.
    after = effort(w)
    assert after['window'] >= before['window'] + 7, (before, after)
    assert [after[key] for key in after if key != 'window'] == [before[key] for key in before if key != 'window'], after


def test_program_brk():
    """its break, by brk() and by prctl()"""
    w = program()
    _, event = w.change('brk', w.view.brk + 5 * PAGE + 123)
    assert event['brk']['delta'] == 5 * PAGE + 123
    w.change('brk', w.view.brk - 1)
    w.change('prctl', PR_SET_MM, BRK, w.view.brk - PAGE, 0, 0)


def test_program_stack():
    """its stack grows"""
    w = program()
    stack = next(region for region in w.view.regions if region.name == b'[stack]')
    w.puppet.store(stack.start - 4 * PAGE)
    w.event('a store below the stack', cause='fault')


def test_program_old_mmap():
    """mmap() with its arguments in memory, which nobody can look up: everything is compared"""
    w = program()
    arguments = b''.join(value.to_bytes(4, 'little') for value in (0, 7 * PAGE, PROT_READ, ANON, 0xffffffff, 0))
    at = w.puppet.poke(arguments)
    before = effort(w)['full_call']
    ret = w.puppet.call('old_mmap', at)
    event = w.event('mmap')
    assert event['syscall']['nr'] == 90 and event['syscall']['args'][0] == hex(at)
    assert any(region.start <= ret < region.end for region in w.view.regions)
    assert effort(w)['full_call'] == before + 1


def test_program_exit():
    """its last event"""
    w = Watched(kind=Puppet32)
    w.puppet.begin('exit_group', 9)
    record, = w.watch.rest()
    assert record['type'] == 'exit' and record['exit_status'] == 9, record


def int80(w, name, *args):
    """Such a call by a 64-bit program, the upper halves of the registers full of rubbish. Returns what it returned."""
    rubbish = 0x5a5a5a5a << 32
    try:
        ret = w.puppet.try_int80(NUMBERS_32[name], *(arg & 0xffffffff | rubbish for arg in args))
    except Gone:
        raise Skip('this kernel has no int 0x80') from None
    assert ret >= 0, f'{name}: {errno.errorcode[-ret]}'
    event = w.event(f'{name} by int 0x80')
    w.made_by(event['syscall'], name, NUMBERS_32[name], I386, [arg & 0xffffffff for arg in args])
    return ret


def test_int80():
    """a 64-bit program calls by int 0x80: numbers are those of 32 bits, the upper halves of arguments are nothing"""
    w = Watched(kind=Puppet)
    addr = int80(w, 'mmap2', 0, 20 * PAGE, RW, ANON, -1, 0)
    assert addr < 1 << 32
    int80(w, 'mprotect', addr + 2 * PAGE, 3 * PAGE, PROT_READ)
    int80(w, 'madvise', addr + 8 * PAGE, PAGE, DONTFORK)
    int80(w, 'mremap', addr + 10 * PAGE, PAGE, 40 * PAGE, MAYMOVE)
    int80(w, 'munmap', addr, 4 * PAGE)
    said = effort(w)
    assert said['window'] >= 5 and not said['full_call'] and not said['full_totals'], said
    # And by the other entry the same numbers are what they always were.
    w.change('mmap', 0, PAGE, RW, ANON, -1, 0)


def test_x32():
    """system calls of x32, where the kernel has them"""
    w = Watched()
    numbers = {name: number | X32 for name, number in w.puppet.numbers.items()}
    w.puppet.numbers = numbers
    addr = w.puppet.try_call('mmap', 0, 9 * PAGE, RW, ANON, -1, 0)
    if addr == -errno.ENOSYS:
        raise Skip('this kernel has no x32')
    event = w.event('mmap of x32')
    assert event['syscall']['nr'] == numbers['mmap'] and addr < 1 << 32, event
    assert w.puppet.try_call('mprotect', addr + PAGE, PAGE, PROT_READ) == 0
    event = w.event('mprotect of x32')
    assert event['syscall']['nr'] == numbers['mprotect'] and len(event['new']) == 3, event
    said = effort(w)
    assert not said['full_call'] and not said['full_totals'], said
