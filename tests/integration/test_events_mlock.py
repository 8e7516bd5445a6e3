# SPDX-License-Identifier: GPL-2.0-only
"""One event for each mlock() and its like that changes something."""
import errno

from harness.puppet import ANON, PAGE, RW
from harness.watched import shared

MCL_CURRENT, MCL_FUTURE, MLOCK_ONFAULT = 1, 2, 1


def region(pages):
    w = shared(__file__)
    return w, w.region(pages)


def test_mlock():
    """mlock and munlock of a part"""
    w, addr = region(8)
    _, event = w.change('mlock', addr + 2 * PAGE, 2 * PAGE)
    assert ['locked' in r.get('traits', []) for r in event['new']] == [False, True, False]
    w.no_event('mlock', addr + 2 * PAGE, 2 * PAGE)
    _, event = w.change('munlock', addr, 8 * PAGE)
    assert not any('locked' in r.get('traits', []) for r in event['new'])
    w.no_event('munlock', addr, 8 * PAGE)


def test_onfault():
    """mlock2 with MLOCK_ONFAULT"""
    w, addr = region(4)
    _, event = w.change('mlock2', addr, 4 * PAGE, MLOCK_ONFAULT)
    assert {'locked', 'lock-on-fault'} <= set(event['new'][0]['traits'])
    w.change('munlock', addr, 4 * PAGE)


def test_all():
    """mlockall, memory that is locked as it is mapped, munlockall"""
    w, _ = region(4)
    _, event = w.change('mlockall', MCL_CURRENT | MCL_FUTURE)
    assert event['delta'] == 0
    _, event = w.change('mmap', 0, PAGE, RW, ANON, -1, 0)
    assert 'locked' in event['new'][0]['traits']
    w.change('munlockall')


def test_all_stack():
    """munlockall, which makes a stack of two parts one again: it did not grow"""
    w, addr = region(4)
    w.prepare('mlock', addr, 4 * PAGE)
    stack = next(r for r in w.view.regions if r.name == b'[stack]')
    w.prepare('mlock', stack.start, PAGE)
    _, event = w.change('munlockall')
    assert int(event['window']['start'], 16) <= addr and int(event['window']['end'], 16) >= stack.end


def test_future():
    """mlockall of the future only changes no region: no event"""
    w, _ = region(4)
    w.no_event('mlockall', MCL_FUTURE)
    w.no_event('munlockall')


def test_failing():
    """calls that fail: no event"""
    w, addr = region(4)
    w.prepare('munmap', addr, 4 * PAGE)
    w.no_event('mlock', addr, PAGE, error=errno.ENOMEM)
    w.no_event('munlock', addr, PAGE, error=errno.ENOMEM)
