# SPDX-License-Identifier: GPL-2.0-only
"""What the generator tells of itself: the layout is that of generator/board.h."""
import collections
import mmap
import os
import struct

SLOTS, RING, IA32 = 8, 16384, 0x10000
_HEAD = 64
_ENTRY = struct.Struct('<ii6QQ')
_SLOT = 64 + RING * _ENTRY.size

Entry = collections.namedtuple('Entry', 'nr tid args op')


class Board:
    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.ftruncate(self.fd, _HEAD + SLOTS * _SLOT)
        self.map = mmap.mmap(self.fd, 0, access=mmap.ACCESS_READ)

    def close(self):
        self.map.close()
        os.close(self.fd)

    def _number(self, at):
        return struct.unpack_from('<Q', self.map, at)[0]

    @property
    def stops(self):
        return self._number(0)

    @property
    def execs(self):
        return self._number(8)

    def ops(self, threads):
        """Operations of each worker."""
        return [self._number(_HEAD + slot * _SLOT + 8) for slot in range(threads)]

    def count(self, slot):
        """Calls that a worker has noted; the last RING of them are there."""
        return self._number(_HEAD + slot * _SLOT)

    def entries(self, slot, start, end):
        """Those calls of a worker."""
        base = _HEAD + slot * _SLOT + 64
        while start < end:
            # Up to where the ring begins again.
            many = min(end - start, RING - start % RING)
            at = base + start % RING * _ENTRY.size
            for nr, tid, *args, op in _ENTRY.iter_unpack(self.map[at:at + many * _ENTRY.size]):
                yield Entry(nr, tid, args, op)
            start += many

    def tail(self, slot, count):
        """The last calls of a worker, as text."""
        end = self.count(slot)
        lines = []
        for entry in self.entries(slot, max(0, end - count), end):
            what = 'access' if entry.nr < 0 else f'{"ia32 " if entry.nr & IA32 else ""}call {entry.nr & (IA32 - 1)}'
            lines.append(f'worker {slot} op {entry.op} tid {entry.tid}: {what} ' + ' '.join(map(hex, entry.args)))
        return lines
