# SPDX-License-Identifier: GPL-2.0-only
"""The file of a process: /sys/kernel/debug/vasmon/PID."""
import os
import re

from harness import procfs

FOLDER = '/sys/kernel/debug/vasmon'


def path(pid):
    return f'{FOLDER}/{pid}'


def exists(pid):
    return os.path.exists(path(pid))


def pids():
    return {int(name) for name in os.listdir(FOLDER) if name != 'mark'}


def read(pid):
    return procfs.read(path(pid))


def parse(text):
    """The head as a dict, and the rows of the table, each a list of fields."""
    head, table = text.split(b'\n\n', 1)
    fields = {}
    for line in head.split(b'\n'):
        key, value = line.split(b':', 1)
        fields[key.decode()] = value.strip()
    title, *rows = table.splitlines()
    assert title.split() == [b'START', b'END', b'PERM', b'BYTES', b'OFFSET', b'DEVICE', b'INODE', b'NAME'], title
    return fields, [row.split(None, 7) for row in rows]


def unescaped(name):
    """A name with its octal escapes undone."""
    return re.sub(rb'\\([0-7]{3})', lambda match: bytes([int(match[1], 8)]), name)


def lines(rows):
    """The table as /proc/PID/maps has it, so that both can be compared."""
    found = []
    for start, end, perm, size, offset, device, inode, name in rows:
        first, last = int(start, 16), int(end, 16)
        assert int(size) == last - first, (start, end, size)
        name = b'' if name == b'-' else unescaped(name).replace(b'\n', b'\\012')
        region = procfs.Region(first, last, perm.decode(), int(offset, 16),
                               '00:00' if device == b'-' else device.decode(), int(inode), name, None)
        found.append(procfs.line_of(region))
    return b''.join(found)
