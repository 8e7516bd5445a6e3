# SPDX-License-Identifier: GPL-2.0-only
"""One event for each mmap()."""
import errno
import os

from harness import procfs
from harness.build import new_file
from harness.puppet import (ANON, MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_PRIVATE, MAP_SHARED,
                            PAGE, PROT_NONE, PROT_READ, RW)
from harness.watched import Watched, shared


def puppet():
    return shared(__file__)


def holds(watched, addr, size):
    """What the driver was told it got is what the map has."""
    return any(r.start <= addr and addr + size <= r.end for r in watched.view.regions)


def test_anonymous():
    """anonymous memory"""
    w = puppet()
    addr, event = w.change('mmap', 0, 5 * PAGE, RW, ANON, -1, 0)
    assert event['delta'] == 5 * PAGE and holds(w, addr, 5 * PAGE)


def test_merge():
    """memory that merges with what is below"""
    w = puppet()
    # As much as is mapped in one go is sure to be one region by itself.
    addr = w.mmap(8 * PAGE, PROT_READ)
    w.prepare('munmap', addr + 4 * PAGE, 4 * PAGE)
    got, event = w.change('mmap', addr + 4 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0)
    assert got == addr + 4 * PAGE and len(event['new']) == 1 and int(event['new'][0]['start'], 16) <= addr
    assert event['delta'] == PAGE


def test_odd_size():
    """a size that is no multiple of a page"""
    w = puppet()
    addr, event = w.change('mmap', 0, 3 * PAGE + 1, PROT_READ, ANON, -1, 0)
    assert event['delta'] == 4 * PAGE and holds(w, addr, 4 * PAGE)


def test_shared_anonymous():
    """shared anonymous memory"""
    _, event = puppet().change('mmap', 0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    assert event['new'][0]['perms'] == 'rw-s' and event['new'][0]['name'] == '/dev/zero (deleted)'


def test_file():
    """a file, at an offset"""
    w = puppet()
    fd = w.puppet.open(new_file('events file'))
    for flags in MAP_PRIVATE, MAP_SHARED:
        _, event = w.change('mmap', 0, 2 * PAGE, PROT_READ, flags, fd, 3 * PAGE)
        assert event['new'][0]['name'].endswith('/events file') and event['new'][0]['offset'] == '0x3000'
    w.prepare('close', fd)


def test_file_names():
    """files with odd names, and one that is deleted"""
    w = puppet()
    for name in b'new\nline', b'bytes \xff\x80', b'\x1b[31mred', b'back\\slash':
        fd = w.puppet.open(new_file(name))
        w.change('mmap', 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0)


def test_renamed():
    """a mapped file that is renamed, then removed: no event; the next change of its region has the new name"""
    w = Watched()
    path = new_file('before')
    fd = w.puppet.open(path, os.O_RDONLY)
    addr = w.puppet.mmap(4 * PAGE, PROT_READ, MAP_PRIVATE, fd)
    w.refresh()
    os.rename(path, path + b' and after')
    w.puppet.call('mprotect', addr, PAGE, PROT_NONE)
    event = w.watch.record()
    assert event['seq'] == w.seq + 1
    assert {region['name'] for region in event['new']} == {os.fsdecode(path) + ' and after'}
    os.unlink(path + b' and after')
    w.puppet.call('mprotect', addr, PAGE, PROT_READ)
    event = w.watch.record()
    assert event['seq'] == w.seq + 2
    assert {region['name'] for region in event['new']} == {os.fsdecode(path) + ' and after (deleted)'}


def test_hint():
    """a hint that is honoured, and one that is not"""
    w = puppet()
    addr = w.mmap(16 * PAGE, PROT_NONE)
    w.prepare('munmap', addr + 4 * PAGE, 4 * PAGE)
    got, _ = w.change('mmap', addr + 5 * PAGE, PAGE, RW, ANON, -1, 0)
    assert got == addr + 5 * PAGE
    got, _ = w.change('mmap', addr + 3 * PAGE, PAGE, RW, ANON, -1, 0)
    assert got != addr + 3 * PAGE


def test_fixed_over():
    """MAP_FIXED over several regions and gaps"""
    w = puppet()
    addr = w.mmap(16 * PAGE, PROT_READ)
    w.prepare('mprotect', addr + 4 * PAGE, 2 * PAGE, PROT_NONE)
    w.prepare('munmap', addr + 8 * PAGE, 2 * PAGE)
    _, event = w.change('mmap', addr + 3 * PAGE, 10 * PAGE, RW, ANON | MAP_FIXED, -1, 0)
    assert len(event['old']) >= 4 and event['delta'] == 2 * PAGE


def test_fixed_within():
    """MAP_FIXED into the middle of a region"""
    w = puppet()
    addr = w.mmap(8 * PAGE, PROT_READ)
    _, event = w.change('mmap', addr + 3 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
    assert event['delta'] == 0 and len(event['new']) == 3


def test_fixed_same():
    """MAP_FIXED that changes nothing in the map: no event"""
    w = puppet()
    addr = w.mmap(8 * PAGE, PROT_READ)
    w.no_event('mmap', addr + 3 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0)


def test_grows_down():
    """MAP_GROWSDOWN"""
    _, event = puppet().change('mmap', 0, 4 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0)
    assert 'grows-down' in event['new'][0]['traits']


def test_failing():
    """calls that fail: no event"""
    w = puppet()
    addr = w.mmap(2 * PAGE)
    w.no_event('mmap', 0, 0, RW, ANON, -1, 0, error=errno.EINVAL)
    w.no_event('mmap', 0, 1 << 60, RW, ANON, -1, 0, error=errno.ENOMEM)
    w.no_event('mmap', 0, PAGE, RW, MAP_PRIVATE, 999, 0, error=errno.EBADF)
    w.no_event('mmap', addr + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0, error=errno.EINVAL)
    w.no_event('mmap', addr, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0, error=errno.EEXIST)


def test_many():
    """more new regions than fit into one event: several that belong together"""
    w = puppet()
    addr = w.puppet.many_regions(200)
    w.refresh()
    # All of them change, and none of them merges with another.
    _, event = w.change('madvise', addr, 200 * PAGE, 16)
    assert event['delta'] == 0 and len(event['parts']) > 1
    assert sum('dont-dump' in r['traits'] for part in event['parts'] for r in part['new']) == 200
    w.change('munmap', addr, 200 * PAGE)


def test_too_many():
    """far more than that: the map comes anew, and is right"""
    w = Watched(arrange=lambda one: one.many_regions(3000))
    addr = w.arranged
    w.puppet.call('madvise', addr, 3000 * PAGE, 16)
    lost = w.watch.record()
    assert lost['type'] == 'lost' and lost['reason'] == 'incomplete' and lost['missed'] == 0, lost
    assert lost['event']['syscall']['name'] == 'madvise' and lost['event']['tid'] == w.pid, lost
    assert lost['event']['seq'] == w.seq + 1 == w.events_so_far()
    w.space.take(w.watch.record())
    w.seq = w.space.seq
    assert w.space.maps() == procfs.maps(w.pid)
    w.refresh()
    w.change('munmap', addr, 3000 * PAGE)
