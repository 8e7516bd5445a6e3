# SPDX-License-Identifier: GPL-2.0-only
"""One event for each madvise() that changes a region's flags."""
import errno
import os

from harness.puppet import PAGE
from harness.tap import Skip
from harness.watched import shared

NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED = range(5)
DONTFORK, DOFORK, MERGEABLE, UNMERGEABLE, HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK = range(10, 20)
GUARD_INSTALL, GUARD_REMOVE = 102, 103
VM_MAYBE_GUARD = 1 << 11


def region(pages):
    w = shared(__file__)
    return w, w.region(pages)


def on_and_off(advice, trait, undo):
    """The flag comes for a part of a region, and goes again."""
    w, addr = region(8)
    try:
        _, event = w.change('madvise', addr + 2 * PAGE, 3 * PAGE, advice)
    except AssertionError as error:
        if 'EINVAL' in str(error):
            raise Skip('this kernel does not know it') from error
        raise
    assert len(event['old']) == 1 and len(event['new']) == 3
    assert [trait in r.get('traits', []) for r in event['new']] == [False, True, False], event
    # A second time, nothing changes.
    w.no_event('madvise', addr + 2 * PAGE, 3 * PAGE, advice)
    _, event = w.change('madvise', addr + 2 * PAGE, 3 * PAGE, undo)
    assert trait not in event['new'][0].get('traits', [])


def test_dontfork():
    """MADV_DONTFORK and MADV_DOFORK"""
    on_and_off(DONTFORK, 'dont-fork', DOFORK)


def test_dontdump():
    """MADV_DONTDUMP and MADV_DODUMP"""
    on_and_off(DONTDUMP, 'dont-dump', DODUMP)


def test_wipeonfork():
    """MADV_WIPEONFORK and MADV_KEEPONFORK"""
    on_and_off(WIPEONFORK, 'wipe-on-fork', KEEPONFORK)


def test_sequential():
    """MADV_SEQUENTIAL and MADV_NORMAL"""
    on_and_off(SEQUENTIAL, 'sequential', NORMAL)


def test_random():
    """MADV_RANDOM and MADV_NORMAL"""
    on_and_off(RANDOM, 'random', NORMAL)


def test_hugepage():
    """MADV_HUGEPAGE, then MADV_NOHUGEPAGE"""
    on_and_off(HUGEPAGE, 'huge', NOHUGEPAGE)


def test_mergeable():
    """MADV_MERGEABLE and MADV_UNMERGEABLE"""
    on_and_off(MERGEABLE, 'mergeable', UNMERGEABLE)


def test_contents():
    """advice about pages, not regions: no event"""
    w, addr = region(8)
    w.puppet.store(addr)
    w.no_event('madvise', addr, 8 * PAGE, DONTNEED)
    # A kernel without swap knows it of files only.
    w.no_event('madvise', addr, 8 * PAGE, WILLNEED, error=None if os.path.exists('/proc/swaps') else errno.EBADF)


def test_guard():
    """guard regions, which no map shows: no event"""
    w, addr = region(8)
    if w.puppet.try_call('madvise', addr, PAGE, GUARD_INSTALL) == -errno.EINVAL:
        raise Skip('this kernel has no guard regions')
    w.nothing('MADV_GUARD_INSTALL')
    # The kernel may have marked the region; nobody is told, also when it changes for another reason.
    _, event = w.change('mprotect', addr + 4 * PAGE, PAGE, 0)
    assert not any(int(r['vm_flags'], 16) & VM_MAYBE_GUARD for r in event['old'] + event['new']), event
    w.no_event('madvise', addr, PAGE, GUARD_REMOVE)


def test_failing():
    """calls that fail: no event"""
    w, addr = region(4)
    w.no_event('madvise', addr + 1, PAGE, DONTFORK, error=errno.EINVAL)
    w.no_event('madvise', addr, PAGE, 9999, error=errno.EINVAL)
