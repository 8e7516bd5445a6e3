# SPDX-License-Identifier: GPL-2.0-only
"""One event for each mprotect() that changes something."""
import errno

from harness.build import new_file
from harness.puppet import MAP_PRIVATE, PAGE, PROT_EXEC, PROT_READ, RW
from harness.tap import Skip
from harness.watched import Watched, shared


def region(pages):
    w = shared(__file__)
    return w, w.region(pages)


def test_whole():
    """a whole region"""
    w, addr = region(4)
    _, event = w.change('mprotect', addr, 4 * PAGE, PROT_READ)
    assert [r['perms'] for r in event['old']] == ['rw-p'] and [r['perms'] for r in event['new']] == ['r--p']


def test_part():
    """head, tail, and middle of a region"""
    for first, pages, count in (0, 1, 2), (7, 1, 2), (3, 2, 3):
        w, addr = region(8)
        _, event = w.change('mprotect', addr + first * PAGE, pages * PAGE, PROT_READ)
        assert len(event['new']) == count and event['delta'] == 0


def test_merge_back():
    """back to what the neighbours have: they merge"""
    w, addr = region(8)
    w.prepare('mprotect', addr + 3 * PAGE, 2 * PAGE, PROT_READ)
    _, event = w.change('mprotect', addr + 3 * PAGE, 2 * PAGE, RW)
    assert len(event['old']) == 3 and len(event['new']) == 1


def test_several():
    """several regions at once"""
    w, addr = region(12)
    for page in 2, 5, 8:
        w.prepare('mprotect', addr + page * PAGE, PAGE, PROT_READ)
    _, event = w.change('mprotect', addr + PAGE, 10 * PAGE, PROT_READ | PROT_EXEC)
    assert len(event['old']) == 7 and len(event['new']) == 3


def test_file():
    """a private file mapping made writable"""
    w = shared(__file__)
    fd = w.puppet.open(new_file('mprotect'))
    addr = w.mmap(4 * PAGE, PROT_READ, MAP_PRIVATE, fd)
    w.change('mprotect', addr + PAGE, PAGE, RW)


def test_fails_halfway():
    """a call that fails at a gap after it changed something: one event, for it did"""
    w, addr = region(8)
    w.prepare('munmap', addr + 4 * PAGE, PAGE)
    ret, event = w.change('mprotect', addr + 2 * PAGE, 6 * PAGE, PROT_READ, failing=True)
    assert ret == -errno.ENOMEM and len(event['new']) == 2


def test_same():
    """to what it has already: no event"""
    w, addr = region(4)
    w.no_event('mprotect', addr, 4 * PAGE, RW)
    w.no_event('mprotect', addr, 0, PROT_READ)


def test_failing():
    """calls that fail: no event"""
    w, addr = region(4)
    w.no_event('mprotect', addr + 1, PAGE, PROT_READ, error=errno.EINVAL)
    w.prepare('munmap', addr, 4 * PAGE)
    w.no_event('mprotect', addr, PAGE, PROT_READ, error=errno.ENOMEM)


def test_mseal():
    """mseal: nothing may change it any more, and what is tried gives no event"""
    w = Watched()
    addr = w.region(4)
    if w.puppet.try_call('mseal', addr + PAGE, PAGE, 0) == -errno.ENOSYS:
        raise Skip('this kernel has no mseal()')
    event = w.event('mseal')
    assert ['sealed' in r.get('traits', []) for r in event['new']] == [False, True, False]
    w.no_event('mprotect', addr + PAGE, PAGE, PROT_READ, error=errno.EPERM)
    w.no_event('munmap', addr, 4 * PAGE, error=errno.EPERM)
