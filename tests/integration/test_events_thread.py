# SPDX-License-Identifier: GPL-2.0-only
"""Which thread it was."""
from harness import procfs
from harness.puppet import ANON, PAGE, PROT_READ, RW
from harness.wait import until
from harness.watched import shared


def puppet():
    return shared(__file__, threads=4)


def test_tid():
    """each thread's changes have its id"""
    w = puppet()
    assert len({thread.tid for thread in w.puppet.threads}) == 4
    for thread in range(4):
        addr, _ = w.change('mmap', 0, 4 * PAGE, RW, ANON, -1, 0, thread=thread)
        w.change('mprotect', addr, PAGE, PROT_READ, thread=(thread + 1) % 4)


def test_comm():
    """and its name, as it is then, whatever bytes it has"""
    w = puppet()
    for name in b'worker', b'tab\tand \xff':
        w.prepare('prctl', 15, w.puppet.poke(name), thread=2)
        w.puppet.call('mmap', 0, PAGE, RW, ANON, -1, 0, thread=2)
        event = w.event('mmap', thread=2, comm=name.decode('utf-8', 'replace'))
        if b'\xff' in name:
            assert bytes.fromhex(event['comm_hex']) == name


def test_exit():
    """a thread that exits changes nothing: no event"""
    w = puppet()
    w.puppet.begin('exit', 0, thread=3)
    until(lambda: len(procfs.tids(w.pid)) == 3, 'the thread is gone')
    w.nothing('exit of a thread')
    w.change('mmap', 0, PAGE, RW, ANON, -1, 0)
