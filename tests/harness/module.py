# SPDX-License-Identifier: GPL-2.0-only
"""Loads and unloads the module, with the parameters that it had."""
import ctypes
import errno
import glob
import os
import subprocess

from harness.tap import defer
from harness.wait import TIMEOUT, until

PARAMETERS = '/sys/module/vasmon/parameters'
_DELETE_MODULE, _FINIT_MODULE = 176, 313
_libc = ctypes.CDLL(None, use_errno=True)


def loaded():
    return os.path.isdir('/sys/module/vasmon')


def _parameters():
    found = []
    for path in glob.glob(PARAMETERS + '/*'):
        with open(path, encoding='ascii') as file:
            found.append(f'{os.path.basename(path)}={file.read().strip()}')
    return found


def try_unload():
    """Returns the exit status and what rmmod says."""
    done = subprocess.run(['rmmod', 'vasmon'], capture_output=True, text=True, timeout=3 * TIMEOUT, check=False)
    return done.returncode, done.stderr


def load(parameters=()):
    subprocess.run(['insmod', os.environ['VASMON_KO'], *parameters], check=True)


def insert():
    """Load it without a program to do so. Returns 0 or an errno."""
    fd = os.open(os.environ['VASMON_KO'], os.O_RDONLY)
    failed = _libc.syscall(_FINIT_MODULE, fd, b'', 0)
    code = ctypes.get_errno()
    os.close(fd)
    return code if failed else 0


def delete():
    """Unload it without a program to do so. Returns whether it was not in use."""
    if not _libc.syscall(_DELETE_MODULE, b'vasmon', os.O_NONBLOCK):
        return True
    code = ctypes.get_errno()
    assert code in (errno.EAGAIN, errno.EBUSY), os.strerror(code)
    return False


def unload(patiently=False):
    """It is loaded again after the test, whatever happens. patiently: it may be in use for a while."""
    parameters = _parameters()

    def back():
        if not loaded():
            load(parameters)
    defer(back)
    if patiently:
        until(lambda: not try_unload()[0], 'the module is unloaded')
    else:
        status, err = try_unload()
        assert not status, err
    assert not loaded()
    return parameters
