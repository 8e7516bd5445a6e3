# SPDX-License-Identifier: GPL-2.0-only
"""What /proc says of a process: the oracle."""
import collections
import os
import re

# The letters of VmFlags in smaps, and what the client calls them. The rest is in perms, or of no interest to anybody.
TRAITS = {
    'gd': 'grows-down', 'lo': 'locked', 'io': 'io', 'pf': 'pfn', 'mm': 'mixed', 'ht': 'hugetlb', 'hg': 'huge',
    'nh': 'no-huge', 'mg': 'mergeable', 'dc': 'dont-fork', 'wf': 'wipe-on-fork', 'de': 'dont-expand', 'dd': 'dont-dump',
    'nr': 'no-reserve', 'sr': 'sequential', 'rr': 'random', 'sf': 'sync', 'um': 'uffd-missing', 'uw': 'uffd-wp',
    'ui': 'uffd-minor', 'sl': 'sealed', 'ss': 'shadow-stack', 'dp': 'droppable',
}
# Soft-dirty and guard regions come and go without a change that a map would show.
IGNORED = {'sd', 'gu'}

_LINE = re.compile(rb'([0-9a-f]+)-([0-9a-f]+) (....) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)')

Region = collections.namedtuple('Region', 'start end perms offset dev inode name flags')


def read(path):
    """All of a file of /proc, in large reads."""
    parts = []
    fd = os.open(path, os.O_RDONLY)
    try:
        while part := os.read(fd, 1 << 20):
            parts.append(part)
    finally:
        os.close(fd)
    return b''.join(parts)


def maps(pid):
    """/proc/PID/maps as bytes, without [vsyscall], which is not in the address space."""
    lines = read(f'/proc/{pid}/maps').splitlines(keepends=True)
    return b''.join(line for line in lines if not line.endswith(b'[vsyscall]\n'))


def line_of(region):
    """A region as a line of maps."""
    start, end, perms, offset, dev, inode = region[:6]
    text = f'{start:08x}-{end:08x} {perms} {offset:08x} {dev} {inode} '.encode()
    return (text.ljust(73) + region.name if region.name else text) + b'\n'


def regions(pid):
    """The regions with their flags, out of smaps."""
    found = []
    for line in read(f'/proc/{pid}/smaps').split(b'\n'):
        match = _LINE.fullmatch(line)
        if match:
            start, end, perms, offset, dev, inode, name = match.groups()
            found.append(Region(int(start, 16), int(end, 16), perms.decode(), int(offset, 16), dev.decode(), int(inode),
                                name, frozenset()))
        elif line.startswith(b'VmFlags:'):
            found[-1] = found[-1]._replace(flags=frozenset(line.decode().split()[1:]) - IGNORED)
    return [region for region in found if region.name != b'[vsyscall]']


def traits(region):
    """The flags of a region that the client tells by name."""
    return {TRAITS[flag] for flag in region.flags if flag in TRAITS}


def stat(pid, tid=None):
    """/proc/PID/stat as a list that is indexed as proc(5) numbers the fields, from 1; comm is left out."""
    path = f'/proc/{pid}/task/{tid}/stat' if tid else f'/proc/{pid}/stat'
    text = read(path)
    return [None, pid, None] + text[text.rindex(b')') + 2:].decode().split()


def state(pid, tid=None):
    """The letter of a process's or thread's state."""
    return stat(pid, tid)[3]


def has_ended(pid):
    """Whether nothing is left of a process but what its parent has to fetch, if that."""
    try:
        return state(pid) in 'ZX'
    except (FileNotFoundError, ProcessLookupError):
        return True


def syscall(pid):
    """The call in which a process waits and its six arguments; [] where it runs."""
    with open(f'/proc/{pid}/syscall', encoding='ascii') as file:
        return [int(word, 0) for word in file.read().split()[:7] if word != 'running']


def tids(pid):
    return sorted(int(tid) for tid in os.listdir(f'/proc/{pid}/task'))


def children(pid):
    return [int(child) for tid in tids(pid) for child in read(f'/proc/{pid}/task/{tid}/children').split()]


def stack_pointer(pid, tid):
    """Where the stack of a thread that sleeps in a system call is; None if it runs."""
    words = read(f'/proc/{pid}/task/{tid}/syscall').split()
    return int(words[-2], 16) if len(words) > 2 else None


def status(pid, key):
    """A line of /proc/PID/status, or None."""
    for line in read(f'/proc/{pid}/status').decode(errors='replace').splitlines():
        if line.startswith(key + ':'):
            return line.split(':', 1)[1].strip()
    return None


def live():
    """The processes that have an address space: no kernel threads, no zombies."""
    found = []
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            if read(f'/proc/{name}/maps'):
                found.append(int(name))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found
