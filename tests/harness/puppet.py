# SPDX-License-Identifier: GPL-2.0-only
"""A process whose every system call a test decides: see drivers/puppet.c."""
import errno
import os
import select
import signal
import struct
import subprocess

from harness import build, procfs
from harness.tap import Skip, defer
from harness.wait import TIMEOUT, until

# x86-64
NUMBERS = {
    'read': 0, 'write': 1, 'open': 2, 'close': 3, 'mmap': 9, 'mprotect': 10, 'munmap': 11, 'brk': 12, 'ioctl': 16,
    'pread64': 17, 'mremap': 25, 'madvise': 28, 'shmget': 29, 'shmat': 30, 'shmctl': 31, 'fork': 57, 'execve': 59, 'exit': 60,
    'wait4': 61, 'shmdt': 67, 'ftruncate': 77, 'getcwd': 79, 'mlock': 149, 'munlock': 150, 'mlockall': 151,
    'munlockall': 152, 'prctl': 157, 'chroot': 161, 'gettid': 186, 'remap_file_pages': 216, 'exit_group': 231,
    'memfd_create': 319, 'userfaultfd': 323, 'mlock2': 325, 'io_uring_setup': 425, 'io_uring_enter': 426, 'mseal': 462,
}
# i386
NUMBERS_32 = {
    'exit': 1, 'brk': 45, 'old_mmap': 90, 'munmap': 91, 'mprotect': 125, 'mlock': 150, 'munlock': 151, 'mremap': 163,
    'prctl': 172, 'mmap2': 192, 'madvise': 219, 'exit_group': 252,
}
PAGE = 4096
MASK = (1 << 64) - 1

PROT_NONE, PROT_READ, PROT_WRITE, PROT_EXEC = 0, 1, 2, 4
RW = PROT_READ | PROT_WRITE
MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS, MAP_GROWSDOWN = 1, 2, 0x10, 0x20, 0x100
MAP_NORESERVE, MAP_HUGETLB, MAP_FIXED_NOREPLACE = 0x4000, 0x40000, 0x100000
ANON = MAP_PRIVATE | MAP_ANONYMOUS
CLONE_VM, CLONE_VFORK = 0x100, 0x4000

_CALL, _STORE, _CHILD, _FORKS, _VFORK, _INT80, _ENOUGH = range(1, 8)
_REQUEST = struct.Struct('10Q')
_REPLY = struct.Struct('qq')
_HELLO = struct.Struct('3Q')


class Gone(Exception):
    """The puppet ended instead of answering."""


class _Thread:
    """The pipes of one thread, and what it said when it was ready."""

    def __init__(self):
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
    """threads: how many; before: called in the child before it starts the program; path: of the program.

    children: how many of its children may have pipes, see child().
    """

    numbers = NUMBERS
    arch, mask = 0xc000003e, MASK

    def __init__(self, threads=1, before=None, path=None, keep=False, children=0):
        self.threads = [_Thread() for _ in range(threads)]
        self.unborn = [_Thread() for _ in range(children)]
        pipes = self.threads + self.unborn
        self.fds = [fd for thread in pipes for fd in thread.theirs]
        self.path = path or build.driver('puppet')
        self.args = self.arguments(threads, pipes)
        self.process = subprocess.Popen([self.path] + self.args, pass_fds=self.fds, preexec_fn=before)
        for fd in self.fds:
            os.close(fd)
        self.pid = self.process.pid
        # Index of the next child's pipes.
        self.first = threads
        self.free = 0
        if not keep:
            defer(self.end)
        self.greet()

    @staticmethod
    def arguments(threads, pipes):
        """The command line of a puppet that has these pipes."""
        return [str(threads)] + ['%d:%d' % tuple(thread.theirs) for thread in pipes]

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

    def has_answered(self, thread=0):
        """Would answer() come at once?"""
        return bool(select.select([self.threads[thread].read], [], [], 0)[0])

    def begin(self, name, *args, count=1, stride=0, thread=0):
        """A system call, or count of them, without waiting for answer(). It may be one that does not return."""
        self.ask(_CALL, self.numbers[name], args, count, stride, thread)

    def enough(self):
        """Other threads that have begun many calls end with the one they are in; each is still to be asked: answer()."""
        self.ask(_ENOUGH)
        self.answer()

    def try_call(self, name, *args, count=1, stride=0, thread=0, timeout=TIMEOUT):
        """A system call, or count of them. Returns what the last one did, a negative errno if it failed."""
        self.begin(name, *args, count=count, stride=stride, thread=thread)
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

    def begin_fork(self, *first, flags=0):
        """As fork(), without waiting for answer(). flags: for clone()."""
        self.ask(_CHILD, self.numbers[first[0]] if first else 0, first[1:], flags)

    def fork(self, *first):
        """A child that does nothing but wait; if a call is given, that is its first instructions. Returns its pid."""
        self.begin_fork(*first)
        pid = self.answer()[1]
        if pid < 0:
            raise OSError(-pid, f'fork: {errno.errorcode.get(-pid)}')
        defer(kill, pid)
        return pid

    def child(self, *first, flags=0, children=0):
        """As fork(), but the child then does as it is told. Returns it, a puppet. flags: for clone()."""
        return Child(self, first, flags, children)

    def begin_forks(self, count, name, *args):
        """So many children at once, each exits after that call. answer() comes when they are gone; 0 is good."""
        self.ask(_FORKS, self.numbers[name], args, count)

    def try_int80(self, nr, *args):
        """A system call by the 32-bit entry: number and arguments of that architecture."""
        self.ask(_INT80, nr, args)
        return self.answer()[0]

    def begin_vfork(self, name, *args, count=1):
        """As vfork_call(), whose answer() comes when the child is gone."""
        self.ask(_VFORK, self.numbers[name], args, count)

    def vfork_call(self, name, *args):
        """A system call by a child that shares the address space. Returns what it did, and the child's pid."""
        self.begin_vfork(name, *args)
        return self.answer()

    def poke(self, data):
        """Put bytes where the puppet can give them to a system call. Returns the address."""
        addr = self.threads[0].buffer + self.free
        self.free += (len(data) + 16) & ~15
        with open(f'/proc/{self.pid}/mem', 'r+b', buffering=0) as mem:
            mem.seek(addr)
            mem.write(data + b'\0')
        return addr

    def words(self, texts):
        """A list of strings, as execve() wants it. Returns the address."""
        return self.poke(struct.pack(f'={len(texts) + 1}Q', *(self.poke(os.fsencode(text)) for text in texts), 0))

    def begin_exec(self, path, args, thread=0):
        """Start a program."""
        self.begin('execve', self.poke(os.fsencode(path)), self.words([path, *args]), 0, thread=thread)

    def open(self, path, flags=os.O_RDWR):
        return self.call('open', self.poke(os.fsencode(path)), flags, 0)

    def brk(self):
        return self.call('brk', 0)

    def end(self):
        """Kill it, if it is there still. Returns its status as subprocess has it."""
        self.process.kill()
        status = self.process.wait()
        for thread in self.threads + self.unborn:
            thread.close()
        self.threads, self.unborn = [], []
        return status

    def stop(self):
        """Let no thread of it run. What was in the kernel has left it then."""
        stop(self.pid)


class Puppet32(Puppet):
    """A 32-bit program; it has one thread, and knows calls and stores only."""

    numbers = NUMBERS_32
    arch, mask = 0x40000003, (1 << 32) - 1

    def __init__(self, threads=1, keep=False):
        flags = '-m32', '-nostdlib', '-static', '-ffreestanding', '-no-pie', '-fno-pie', '-fno-stack-protector'
        try:
            super().__init__(threads, path=build.driver('puppet32', *flags), keep=keep)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            raise Skip('this kernel runs no 32-bit programs') from error

    def mmap(self, length, prot=RW, flags=ANON, fd=-1, offset=0, at=0):
        return self.call('mmap2', at, length, prot, flags, fd, offset // PAGE)


class Child(Puppet):
    """A child of a puppet that obeys as well; it has one thread."""

    def __init__(self, parent, first, flags, children):
        thread, *self.unborn = parent.unborn[:1 + children]
        self.threads = [thread]
        del parent.unborn[:1 + children]
        self.path, self.args, self.fds = parent.path, self.arguments(1, self.threads), parent.fds
        self.free = 0
        self.first = parent.first + 1
        parent.ask(_CHILD, self.numbers[first[0]] if first else 0, first[1:], flags, parent.first)
        parent.first += 1 + children
        self.pid = parent.answer()[1]
        if self.pid < 0:
            raise OSError(-self.pid, f'clone: {errno.errorcode.get(-self.pid)}')
        defer(self.end)
        self.greet()

    def end(self):
        """Kill it, if it is there still. It stays a zombie until its parent ends."""
        kill(self.pid)
        for thread in self.threads + self.unborn:
            thread.close()
        self.threads, self.unborn = [], []


def kill(pid):
    """Kill a process that may have gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def stop(pid):
    """Stop a process, and wait until each of its threads has."""
    def stopped():
        try:
            if all(procfs.state(pid, tid) == 'T' for tid in procfs.tids(pid)):
                return True
        except (FileNotFoundError, ProcessLookupError):
            # A thread has just ended.
            pass
        if procfs.has_ended(pid):
            raise ProcessLookupError(f'process {pid} has ended')
        return False

    os.kill(pid, signal.SIGSTOP)
    until(stopped, f'process {pid} stops')


def go_on(pid):
    os.kill(pid, signal.SIGCONT)
