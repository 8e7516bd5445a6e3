# SPDX-License-Identifier: GPL-2.0-only
"""The process that is tortured: see generator/main.c."""
import functools
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import atexit

from driver.board import Board
from driver.wait import TIMEOUT, until
from harness import procfs

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALL, ACTOR = 0, 1
NEVER = 1 << 40


@functools.cache
def folder():
    """A folder for this run."""
    path = tempfile.mkdtemp(prefix='vasmon-torture-')
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@functools.cache
def generator():
    """The path of the generator, compiled. Its code lies where nothing else does."""
    path = os.path.join(folder(), 'torture')
    # As one, and as it is: compiling takes long on an emulated CPU, and what it does takes its time in the kernel.
    sources = sorted(glob.glob(os.path.join(HERE, 'generator', '*.c')))
    subprocess.run(['cc', '-Wall', '-Wextra', '-Werror', '-O0', '-fno-stack-protector', '-no-pie', '-fno-pie',
                    '-o', path, '-x', 'c', '-'],
                   input=''.join(f'#include "{source}"\n' for source in sources), text=True, check=True)
    return path


@functools.cache
def mapped_file():
    path = os.path.join(folder(), 'a file \\ with\nan odd name')
    with open(path, 'wb') as file:
        file.write(b'x' * (256 << 10))
    return path


class Ended(AssertionError):
    """It was not to end."""


class Target:
    """It stands still at first."""

    def __init__(self, seed, threads=1, mean=1000, regions=0, mode=ALL):
        self.threads = threads
        self.board = Board(os.path.join(folder(), f'board-{seed}'))
        self.process = subprocess.Popen(
            [generator()] + [str(x) for x in (seed, threads, mean, regions, mode, self.board.fd)] + [mapped_file()],
            pass_fds=[self.board.fd], stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        try:
            self.wait_stop()
        except BaseException:
            self.end()
            raise

    def _stopped(self, flags):
        pid, status = os.waitpid(self.pid, os.WUNTRACED | flags)
        if not pid:
            return False
        if not os.WIFSTOPPED(status):
            self.process.returncode = os.waitstatus_to_exitcode(status)
            raise Ended(f'the generator ended with {self.process.returncode}')
        return True

    def wait_stop(self):
        """Until none of its threads runs."""
        until(lambda: self._stopped(os.WNOHANG), 'the generator stops itself', timeout=2 * TIMEOUT)

    def check(self):
        """It is there, and has not stopped."""
        assert not self._stopped(os.WNOHANG), 'the generator has stopped'

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def step(self):
        """Up to the next stop."""
        self.go_on()
        self.wait_stop()

    def ops(self):
        return sum(self.board.ops(self.threads))

    def maps(self):
        return procfs.maps(self.pid)

    def kill(self):
        """At any moment."""
        self.process.kill()
        self.process.wait()

    def end(self):
        if self.process.returncode is None:
            self.kill()
        self.board.close()
