# SPDX-License-Identifier: GPL-2.0-only
"""Workers of io_uring change the map of the process that they work for."""
import errno
import os
import struct

from harness import build, procfs
from harness.puppet import MAP_SHARED, PAGE, RW
from harness.tap import Skip
from harness.watched import Watched

# The offsets to mmap() at.
SQ_RING, SQES = 0, 0x10000000
OP_READ, OP_MADVISE = 22, 25
ASYNC = 1 << 4
GETEVENTS = 1
DONTFORK = 10


class Ring:
    """A ring of one entry of a puppet under watch."""

    def __init__(self, w):
        self.w = w
        at = w.puppet.poke(bytes(120))
        self.fd = w.puppet.try_call('io_uring_setup', 1, at)
        if self.fd in (-errno.ENOSYS, -errno.EPERM):
            raise Skip('this kernel has no io_uring')
        w.refresh()
        with open(f'/proc/{w.pid}/mem', 'rb', buffering=0) as mem:
            mem.seek(at)
            params = struct.unpack('=30I', mem.read(120))
        # sq_off begins after ten numbers: head, tail, ring_mask, ring_entries, flags, dropped, array.
        self.tail, self.array = params[11], params[16]
        self.size = self.array + 4 * params[0]
        self.ring = self.sqes = None

    def map(self):
        """Returns the two events."""
        events = []
        for name, size, offset in ('ring', self.size, SQ_RING), ('sqes', 64, SQES):
            addr, event = self.w.change('mmap', 0, size, RW, MAP_SHARED, self.fd, offset)
            setattr(self, name, addr)
            events.append(event)
        return events

    def store(self, addr, data):
        """The process puts it there: nobody else can write into these pages."""
        path = build.new_file('submission')
        with open(path, 'wb') as file:
            file.write(data)
        fd = self.w.puppet.open(path, os.O_RDONLY)
        assert self.w.puppet.call('pread64', fd, addr, len(data), 0) == len(data)
        self.w.puppet.call('close', fd)

    def submit(self, opcode, addr, length, advice=0, fd=-1):
        """Have a worker do it, and wait until it has."""
        entry = struct.pack('=BBHiQQIIQ', opcode, ASYNC, 0, fd, 0, addr, length, advice, 0)
        self.store(self.sqes, entry.ljust(64, b'\0'))
        self.store(self.ring + self.tail, struct.pack('=I', 1))
        assert self.w.puppet.call('io_uring_enter', self.fd, 1, 1, GETEVENTS, 0, 0) == 1

    def worker(self):
        """Which thread of the process it was: id and name."""
        for tid in procfs.tids(self.w.pid):
            comm = procfs.read(f'/proc/{self.w.pid}/task/{tid}/comm').decode().strip()
            if comm.startswith('iou-wrk'):
                return tid, comm
        return None


def ring():
    w = Watched()
    one = Ring(w)
    return w, one


def test_map():
    """its rings are mapped, and unmapped"""
    w, one = ring()
    events = one.map()
    assert [event['new'][0]['name'] for event in events] == ['anon_inode:[io_uring]'] * 2
    w.change('munmap', one.ring, one.size)


def test_madvise():
    """a worker changes a region's flags: cause kernel, by the worker"""
    w, one = ring()
    one.map()
    addr = w.region(8)
    one.submit(OP_MADVISE, addr + 2 * PAGE, 3 * PAGE, DONTFORK)
    tid, comm = one.worker()
    event = w.event('madvise by a worker', cause='kernel', actor=(tid, w.pid), comm=comm)
    assert 'syscall' not in event and len(event['new']) == 3
    # The thread that asked for it is no worker.
    w.change('mprotect', addr, PAGE, 0)


def test_stack():
    """a worker writes below the stack: it grows, cause kernel, by the worker"""
    w, one = ring()
    one.map()
    fd = w.prepare('open', w.puppet.poke(b'/dev/zero'), os.O_RDONLY)
    stack = next(region for region in w.view.regions if region.name == b'[stack]')
    one.submit(OP_READ, stack.start - 5 * PAGE, 8, fd=fd)
    tid, comm = one.worker()
    event = w.event('read() by a worker below the stack', cause='kernel', actor=(tid, w.pid), comm=comm)
    assert event['new'][0]['start'] == hex(stack.start - 5 * PAGE)
