# SPDX-License-Identifier: GPL-2.0-only
"""One event for each move of the program break, to the byte."""
from harness.puppet import PAGE
from harness.watched import shared


def puppet():
    return shared(__file__)


def moves(w, delta):
    """The break moves by so much, and the kernel said so too."""
    to = w.view.brk + delta
    got, event = w.change('brk', to)
    assert got == to == int(event['brk']['to'], 16) and event['brk']['delta'] == delta
    return event


def test_query():
    """brk(NULL): no event"""
    puppet().no_event('brk', 0)


def test_pages():
    """up and down by pages"""
    w = puppet()
    up = moves(w, 5 * PAGE)
    assert up['delta'] == 5 * PAGE and up['new'][0]['kind'] == 'heap'
    assert moves(w, -2 * PAGE)['delta'] == -2 * PAGE


def test_bytes():
    """by odd numbers of bytes, as sbrk has it"""
    w = puppet()
    for delta in 1, PAGE - 1, 1, 12345, -7, 4095, -4096, 135168, -100001:
        moves(w, delta)


def test_inside_page():
    """inside one page: the break moves, no region changes"""
    w = puppet()
    # Two bytes into a page, wherever it is now.
    to = (w.view.brk + 2 * PAGE & -PAGE) + 2
    moves(w, to - w.view.brk)
    for delta in 100, -50, 1:
        event = moves(w, delta)
        assert 'window' not in event and event['delta'] == 0


def test_same():
    """to where it is: no event"""
    w = puppet()
    w.no_event('brk', w.view.brk)


def test_all_gone():
    """down to where the heap begins, and up again"""
    w = puppet()
    moves(w, 3 * PAGE)
    moves(w, w.view.start_brk - w.view.brk)
    assert not any(r.name == b'[heap]' and r.start >= w.view.start_brk for r in w.view.regions)
    moves(w, 10 * PAGE + 3)


def test_refused():
    """below the heap's begin, and out of all bounds: refused, no event"""
    w = puppet()
    before = w.view.brk
    for to in w.view.start_brk - 1, PAGE, (1 << 47) - PAGE, (1 << 64) - PAGE:
        assert w.no_event('brk', to) == before


def test_locked():
    """a heap that is locked"""
    w = puppet()
    w.prepare('mlockall', 3)
    event = moves(w, 2 * PAGE)
    assert 'locked' in event['new'][0]['traits']
    moves(w, -PAGE)
    w.prepare('munlockall')
