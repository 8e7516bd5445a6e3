# SPDX-License-Identifier: GPL-2.0-only
"""One event for each mremap()."""
import errno

from harness.build import new_file
from harness.puppet import ANON, MAP_FIXED, MAP_SHARED, PAGE, PROT_NONE, PROT_READ, RW
from harness.watched import shared

MAYMOVE, FIXED, DONTUNMAP = 1, 2, 4


def island(pages, sea=32):
    """A region with free addresses around it. Returns the puppet, its address, and where the free ones begin."""
    w = shared(__file__)
    addr = w.mmap((sea + 2) * PAGE, PROT_NONE)
    w.prepare('munmap', addr + PAGE, sea * PAGE)
    at = addr + (sea // 4) * PAGE
    w.prepare('mmap', at, pages * PAGE, RW, ANON | MAP_FIXED, -1, 0)
    return w, at, addr + PAGE


def test_grow():
    """growing in place"""
    w, addr, _ = island(4)
    got, event = w.change('mremap', addr, 4 * PAGE, 7 * PAGE, 0)
    assert got == addr and event['delta'] == 3 * PAGE


def test_shrink():
    """shrinking"""
    w, addr, _ = island(4)
    got, event = w.change('mremap', addr, 4 * PAGE, PAGE, 0)
    assert got == addr and event['delta'] == -3 * PAGE


def test_move():
    """moving, because there is no room to grow (MREMAP_MAYMOVE)"""
    w, addr, _ = island(4)
    w.prepare('mmap', addr + 4 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0)
    w.puppet.store(addr)
    got, event = w.change('mremap', addr, 4 * PAGE, 8 * PAGE, MAYMOVE)
    assert got != addr and event['delta'] == 4 * PAGE


def test_part():
    """moving a part of a region"""
    w, addr, free = island(8)
    w.puppet.store(addr + 3 * PAGE)
    _, event = w.change('mremap', addr + 3 * PAGE, 2 * PAGE, 2 * PAGE, MAYMOVE | FIXED, free + 20 * PAGE)
    assert event['delta'] == 0 and sum(len(part['new']) for part in event['parts']) == 3


def test_fixed_over():
    """MREMAP_FIXED over another region"""
    w, addr, free = island(4)
    w.prepare('mmap', free + 20 * PAGE, 4 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0)
    got, event = w.change('mremap', addr, 4 * PAGE, 2 * PAGE, MAYMOVE | FIXED, free + 21 * PAGE)
    assert got == free + 21 * PAGE and event['delta'] == -4 * PAGE


def test_dontunmap():
    """MREMAP_DONTUNMAP"""
    w, addr, free = island(4)
    w.puppet.store(addr)
    _, event = w.change('mremap', addr, 4 * PAGE, 4 * PAGE, MAYMOVE | FIXED | DONTUNMAP, free + 20 * PAGE)
    assert event['delta'] == 4 * PAGE


def test_file():
    """a mapped file, moved"""
    w, _, free = island(1)
    fd = w.puppet.open(new_file('mremap'))
    addr = w.mmap(4 * PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE)
    _, event = w.change('mremap', addr, 4 * PAGE, 4 * PAGE, MAYMOVE | FIXED, free + 20 * PAGE)
    assert any(r['offset'] == '0x2000' for part in event['parts'] for r in part['new'] if r['kind'] == 'file')


def test_duplicate():
    """old size 0: shared memory is mapped once more"""
    w, _, free = island(1)
    addr = w.mmap(4 * PAGE, RW, MAP_SHARED | 0x20)
    _, event = w.change('mremap', addr, 0, 4 * PAGE, MAYMOVE | FIXED, free + 20 * PAGE)
    assert event['delta'] == 4 * PAGE


def test_same():
    """to the same size: no event"""
    w, addr, _ = island(4)
    w.no_event('mremap', addr, 4 * PAGE, 4 * PAGE, MAYMOVE)


def test_failing():
    """calls that fail: no event"""
    w, addr, _ = island(4)
    w.no_event('mremap', addr + 1, PAGE, PAGE, 0, error=errno.EINVAL)
    w.no_event('mremap', addr - 4 * PAGE, PAGE, 2 * PAGE, 0, error=errno.EFAULT)
    w.prepare('mmap', addr + 4 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0)
    w.no_event('mremap', addr, 4 * PAGE, 8 * PAGE, 0, error=errno.ENOMEM)
