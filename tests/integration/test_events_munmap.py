# SPDX-License-Identifier: GPL-2.0-only
"""One event for each munmap()."""
import errno

from harness.puppet import PAGE, PROT_NONE, PROT_READ
from harness.watched import shared


def region(pages):
    w = shared(__file__)
    return w, w.region(pages)


def test_whole():
    """a whole region"""
    w, addr = region(4)
    _, event = w.change('munmap', addr, 4 * PAGE)
    assert event['window'] == {'start': hex(addr), 'end': hex(addr + 4 * PAGE)} and not event['new']


def test_head():
    """the head of a region"""
    w, addr = region(4)
    _, event = w.change('munmap', addr, PAGE)
    assert event['new'][0]['start'] == hex(addr + PAGE) and event['delta'] == -PAGE


def test_tail():
    """the tail of a region"""
    w, addr = region(4)
    _, event = w.change('munmap', addr + 3 * PAGE, PAGE)
    assert event['new'][0]['end'] == hex(addr + 3 * PAGE) and event['delta'] == -PAGE


def test_hole():
    """a hole in a region"""
    w, addr = region(6)
    _, event = w.change('munmap', addr + 2 * PAGE, PAGE)
    assert len(event['old']) == 1 and len(event['new']) == 2


def test_several():
    """several regions and gaps, the first and the last in part"""
    w, addr = region(20)
    for page, prot in (2, PROT_READ), (4, PROT_NONE), (9, PROT_READ):
        w.prepare('mprotect', addr + page * PAGE, PAGE, prot)
    w.prepare('munmap', addr + 6 * PAGE, PAGE)
    w.prepare('munmap', addr + 12 * PAGE, PAGE)
    _, event = w.change('munmap', addr + PAGE, 14 * PAGE)
    assert event['delta'] == -12 * PAGE and len(event['new']) == 2 and len(event['old']) == 9


def test_odd_size():
    """a size that is no multiple of a page"""
    w, addr = region(4)
    _, event = w.change('munmap', addr, PAGE + 1)
    assert event['delta'] == -2 * PAGE


def test_nothing():
    """a range where nothing is: no event"""
    w, addr = region(4)
    w.prepare('munmap', addr, 4 * PAGE)
    w.no_event('munmap', addr, 4 * PAGE)


def test_failing():
    """calls that fail: no event"""
    w, addr = region(4)
    w.no_event('munmap', addr + 1, PAGE, error=errno.EINVAL)
    w.no_event('munmap', addr, 0, error=errno.EINVAL)
    w.no_event('munmap', 1 << 62, PAGE, error=errno.EINVAL)
