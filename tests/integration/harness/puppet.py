# SPDX-License-Identifier: GPL-2.0-only
"""A process whose every system call a test decides: see drivers/puppet.c."""
import errno
import os
import select
import signal
import struct
import subprocess

from harness import build, procfs
from harness.tap import defer
from harness.wait import TIMEOUT, until

# x86-64
NUMBERS = {
    'read': 0, 'open': 2, 'close': 3, 'mmap': 9, 'mprotect': 10, 'munmap': 11, 'brk': 12, 'ioctl': 16, 'mremap': 25,
    'madvise': 28, 'shmget': 29, 'shmat': 30, 'shmctl': 31, 'execve': 59, 'exit': 60, 'wait4': 61, 'shmdt': 67,
    'ftruncate': 77, 'getcwd': 79, 'mlock': 149, 'munlock': 150, 'mlockall': 151, 'munlockall': 152, 'prctl': 157,
    'chroot': 161, 'gettid': 186, 'remap_file_pages': 216, 'exit_group': 231, 'memfd_create': 319,
    'userfaultfd': 323, 'mlock2': 325, 'mseal': 462,
}
PAGE = 4096
MASK = (1 << 64) - 1

PROT_NONE, PROT_READ, PROT_WRITE, PROT_EXEC = 0, 1, 2, 4
RW = PROT_READ | PROT_WRITE
MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS, MAP_GROWSDOWN = 1, 2, 0x10, 0x20, 0x100
MAP_NORESERVE, MAP_HUGETLB, MAP_FIXED_NOREPLACE = 0x4000, 0x40000, 0x100000
ANON = MAP_PRIVATE | MAP_ANONYMOUS

_CALL, _STORE, _FORK, _VFORK = 1, 2, 3, 4
_REQUEST = struct.Struct('10Q')
_REPLY = struct.Struct('qq')
_HELLO = struct.Struct('3Q')


class Gone(Exception):
    """The puppet ended instead of answering."""


class _Thread:
    """The pipes of one thread, and what it said when it was ready."""

    def __init__(self):
        self.theirs = []
        to_read, self.write = os.pipe()
        self.read, to_write = os.pipe()
        self.theirs = [to_read, to_write]
        self.tid = self.buffer = self.sp = None

    def receive(self, form, timeout=TIMEOUT):
        data = b''
        while len(data) < form.size:
            if not select.select([self.read], [], [], timeout)[0]:
                raise TimeoutError('the puppet does not answer')
            part = os.read(self.read, form.size - len(data))
            if not part:
                raise Gone()
            data += part
        return form.unpack(data)

    def greet(self):
        self.tid, self.buffer, self.sp = self.receive(_HELLO)

    def close(self):
        for fd in (self.write, self.read):
            os.close(fd)


class Puppet:
    """threads: how many; before: called in the child before it starts the program; path: of the program."""

    def __init__(self, threads=1, before=None, path=None, keep=False):
        self.threads = [_Thread() for _ in range(threads)]
        self.fds = [fd for thread in self.threads for fd in thread.theirs]
        self.path = path or build.driver('puppet')
        self.args = ['%d:%d' % tuple(thread.theirs) for thread in self.threads]
        self.process = subprocess.Popen([self.path] + self.args, pass_fds=self.fds, preexec_fn=before)
        for fd in self.fds:
            os.close(fd)
        self.pid = self.process.pid
        self.free = 0
        if not keep:
            defer(self.end)
        self.greet()

    def greet(self):
        """Wait until it can be told what to do."""
        for thread in self.threads:
            thread.greet()
        self.free = 0

    def ask(self, op, nr=0, args=(), count=1, stride=0, thread=0):
        args = [arg & MASK for arg in args] + [0] * (6 - len(args))
        os.write(self.threads[thread].write, _REQUEST.pack(op, nr, *args, count, stride))

    def answer(self, thread=0, timeout=TIMEOUT):
        return self.threads[thread].receive(_REPLY, timeout)

    def begin(self, name, *args, thread=0):
        """A system call that does not return: answer() is for a new program, if there is one."""
        self.ask(_CALL, NUMBERS[name], args, thread=thread)

    def try_call(self, name, *args, count=1, stride=0, thread=0, timeout=TIMEOUT):
        """A system call, or count of them. Returns what the last one did, a negative errno if it failed."""
        self.ask(_CALL, NUMBERS[name], args, count, stride, thread)
        return self.answer(thread, timeout)[0]

    def call(self, name, *args, **options):
        """A system call that is to succeed."""
        ret = self.try_call(name, *args, **options)
        if -4096 < ret < 0:
            raise OSError(-ret, f'{name}{args}: {errno.errorcode.get(-ret)}')
        return ret

    def mmap(self, length, prot=RW, flags=ANON, fd=-1, offset=0, at=0):
        return self.call('mmap', at, length, prot, flags, fd, offset)

    def many_regions(self, count):
        """Regions that do not merge: every other page has another protection. Returns where."""
        with open('/proc/sys/vm/max_map_count', encoding='ascii') as setting:
            assert int(setting.read()) > count + 1000
        addr = self.mmap((count + 1) * PAGE, PROT_NONE, ANON | MAP_NORESERVE)
        self.call('mprotect', addr, PAGE, PROT_READ, count=(count + 1) // 2, stride=2 * PAGE)
        return addr

    def store(self, addr, thread=0):
        """Touch memory."""
        self.ask(_STORE, args=(addr, 1), thread=thread)
        self.answer(thread)

    def fork(self):
        """A child that does nothing. Returns its pid."""
        self.ask(_FORK)
        pid = self.answer()[1]
        defer(self.reap, pid)
        return pid

    def reap(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def vfork_call(self, name, *args):
        """A system call by a child that shares the address space. Returns what it did, and the child's pid."""
        self.ask(_VFORK, NUMBERS[name], args)
        return self.answer()

    def poke(self, data):
        """Put bytes where the puppet can give them to a system call. Returns the address."""
        addr = self.threads[0].buffer + self.free
        self.free += (len(data) + 16) & ~15
        with open(f'/proc/{self.pid}/mem', 'r+b', buffering=0) as mem:
            mem.seek(addr)
            mem.write(data + b'\0')
        return addr

    def open(self, path, flags=os.O_RDWR):
        return self.call('open', self.poke(os.fsencode(path)), flags, 0)

    def brk(self):
        return self.call('brk', 0)

    def end(self):
        """Kill it, if it is there still. Returns its status as subprocess has it."""
        self.process.kill()
        status = self.process.wait()
        for thread in self.threads:
            thread.close()
        self.threads = []
        return status

    def stop(self):
        """Let no thread of it run. What was in the kernel has left it then."""
        stop(self.pid)


def stop(pid):
    """Stop a process, and wait until each of its threads has."""
    def stopped():
        try:
            return all(procfs.state(pid, tid) == 'T' for tid in procfs.tids(pid))
        except (FileNotFoundError, ProcessLookupError):
            # A thread has just ended.
            return False

    os.kill(pid, signal.SIGSTOP)
    until(stopped, f'process {pid} stops')


def go_on(pid):
    os.kill(pid, signal.SIGCONT)
