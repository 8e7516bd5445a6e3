# SPDX-License-Identifier: GPL-2.0-only
"""Processes that come and go: see crowd.c and bomb.c."""
import functools
import os
import subprocess

from harness import build, procfs
from harness.puppet import kill, stop
from harness.tap import defer
from harness.wait import TIMEOUT, until

import sizes

HERE = os.path.dirname(os.path.abspath(__file__))
FUZZ = os.path.join(os.path.dirname(HERE), 'fuzz/netlink')
GROUP = '/sys/fs/cgroup/vasmon-bomb'


@functools.cache
def program(name, *more):
    """The path of NAME.c, compiled."""
    path = os.path.join(build.folder(), name)
    subprocess.run(['cc', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O1', '-static', '-pthread', '-I', FUZZ,
                    '-o', path, os.path.join(HERE, name + '.c'), *more], check=True)
    return path


class Crowd:
    """So many processes; each waits so long between two changes. Others have the CPU first, however many they are."""

    def __init__(self, processes, pause_ms):
        path = program('crowd', os.path.join(FUZZ, 'target.c'))
        self.process = subprocess.Popen(['nice', '-n', '19', path, str(sizes.seed), str(processes), str(pause_ms)])
        self.pid = self.process.pid
        defer(self.end)
        until(lambda: len(self.pids()) == processes, 'all are there', TIMEOUT + processes)

    def pids(self):
        """Of those who live now; they may have gone when this is looked at."""
        assert self.process.poll() is None, f'the crowd ended with {self.process.returncode}'
        return procfs.children(self.pid)

    def end(self):
        """All of them."""
        if self.process.poll() is not None:
            return
        # So that no more come, and no pid of theirs is used again. One may be too young to end with its parent.
        stop(self.pid)
        pids = self.pids()
        for pid in pids:
            kill(pid)
        self.process.kill()
        self.process.wait()
        until(lambda: all(map(procfs.has_ended, pids)), 'a crowd is gone', TIMEOUT + len(pids))


def _write(name, text):
    with open(f'{GROUP}/{name}', 'w', encoding='ascii') as file:
        file.write(str(text))


class Bomb:
    """Forks so many times, as fast as it can, with so many processes at once."""

    def __init__(self, forks, pids):
        if not os.path.isdir(GROUP):
            with open(f'{os.path.dirname(GROUP)}/cgroup.subtree_control', 'w', encoding='ascii') as file:
                file.write('+pids')
            os.mkdir(GROUP)
        _write('pids.max', pids)
        self.process = subprocess.Popen([program('bomb'), str(forks)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        encoding='ascii')
        self.pid = self.process.pid
        defer(self.end)
        _write('cgroup.procs', self.pid)

    def start(self):
        self.process.stdin.write('\n')
        self.process.stdin.flush()

    def done(self):
        return self.process.poll() is not None

    def refused(self):
        """How many of its first process's forks were refused, once it is done."""
        out, _ = self.process.communicate()
        assert not self.process.returncode, f'the bomb ended with {self.process.returncode}'
        return int(out)

    def end(self):
        if not os.path.isdir(GROUP):
            return
        if self.process.poll() is None:
            _write('cgroup.kill', 1)
            self.process.wait()
        for pipe in self.process.stdin, self.process.stdout:
            pipe.close()

        def empty():
            with open(f'{GROUP}/cgroup.procs', encoding='ascii') as file:
                return not file.read()
        until(empty, 'all its processes are gone')
        os.rmdir(GROUP)
