# SPDX-License-Identifier: GPL-2.0-only
"""Just as much of ptrace(2) as holds a process at its exec, or writes its memory."""
import contextlib
import ctypes
import os
import time

from harness.wait import TIMEOUT

_POKEDATA, _CONT, _DETACH, _SEIZE, _INTERRUPT = 5, 7, 17, 0x4206, 0x4207
_O_TRACEEXEC, _EVENT_EXEC = 0x10, 4
_WALL = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def _ptrace(request, pid, data=0, addr=None):
    if _libc.ptrace(request, pid, addr, data) < 0:
        raise OSError(ctypes.get_errno(), f'ptrace {request:#x} of {pid}')


@contextlib.contextmanager
def held(pid):
    """A child of ours stands still, and can be poked."""
    _ptrace(_SEIZE, pid)
    _ptrace(_INTERRUPT, pid)
    os.waitpid(pid, _WALL)
    yield
    _ptrace(_DETACH, pid)


def poke(pid, addr, word):
    """Write a word into the memory of a process that is held."""
    _ptrace(_POKEDATA, pid, word, addr)


class Tracee:
    """tids: all threads of a process that is our child."""

    def __init__(self, pid, tids):
        self.pid = pid
        for tid in tids:
            _ptrace(_SEIZE, tid, _O_TRACEEXEC)

    def wait_exec(self):
        """Until it stands at the end of its exec; what else happens to its threads goes on."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            pid, status = os.waitpid(-1, os.WNOHANG | _WALL)
            if not pid:
                time.sleep(0.005)
            elif os.WIFSTOPPED(status):
                if status >> 8 == 5 | _EVENT_EXEC << 8:
                    assert pid == self.pid, pid
                    return
                _ptrace(_CONT, pid, 0)
        raise TimeoutError('there was no exec')

    def detach(self):
        _ptrace(_DETACH, self.pid, 0)
