# SPDX-License-Identifier: GPL-2.0-only
"""Shared memory of System V, and remap_file_pages()."""
import errno

from harness.build import new_file
from harness.puppet import MAP_SHARED, PAGE, PROT_NONE, RW
from harness.watched import shared

IPC_RMID, SHM_RDONLY, SHM_REMAP = 0, 0o10000, 0o40000


def test_shmat():
    """shmat, read-only as well, and shmdt"""
    w = shared(__file__)
    shm = w.prepare('shmget', 0, 3 * PAGE, 0o600)
    at, event = w.change('shmat', shm, 0, 0)
    assert event['delta'] == 3 * PAGE and event['new'][0]['name'].startswith('/SYSV00000000')
    _, event = w.change('shmat', shm, 0, SHM_RDONLY)
    assert event['new'][0]['perms'] == 'r--s'
    w.prepare('shmctl', shm, IPC_RMID, 0)
    _, event = w.change('shmdt', at)
    assert event['delta'] == -3 * PAGE


def test_remap():
    """shmat over other memory (SHM_REMAP), and shmdt of what is left in parts"""
    w = shared(__file__)
    shm = w.prepare('shmget', 0, 4 * PAGE, 0o600)
    addr = w.mmap(8 * PAGE, PROT_NONE)
    _, event = w.change('shmat', shm, addr + 2 * PAGE, SHM_REMAP)
    assert event['delta'] == 0
    w.prepare('munmap', addr + 3 * PAGE, PAGE)
    # It unmaps both parts, each under the same lock: one event.
    _, event = w.change('shmdt', addr + 2 * PAGE)
    assert event['delta'] == -3 * PAGE
    w.prepare('shmctl', shm, IPC_RMID, 0)


def test_failing():
    """calls that fail: no event"""
    w = shared(__file__)
    w.no_event('shmat', 0x7ffffff, 0, 0, error=errno.EINVAL)
    w.no_event('shmdt', w.mmap(PAGE), error=errno.EINVAL)


def test_remap_file_pages():
    """remap_file_pages: another part of the file at the same place"""
    w = shared(__file__)
    fd = w.puppet.open(new_file('remap', 16))
    addr = w.mmap(8 * PAGE, RW, MAP_SHARED, fd)
    _, event = w.change('remap_file_pages', addr + 2 * PAGE, PAGE, 0, 9, 0)
    assert [r['offset'] for r in event['new']] == ['0x0', '0x9000', '0x3000'] and event['delta'] == 0
