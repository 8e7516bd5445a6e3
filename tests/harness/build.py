# SPDX-License-Identifier: GPL-2.0-only
"""Makes the files that a run needs: the programs that the tests drive, and files to be mapped."""
import atexit
import functools
import os
import shutil
import subprocess
import tempfile

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'drivers')


@functools.cache
def folder():
    """A folder for this run that everybody may read."""
    path = tempfile.mkdtemp(prefix='vasmon-test-')
    os.chmod(path, 0o755)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@functools.cache
def driver(name, *flags):
    """The path of drivers/NAME.c, compiled."""
    path = os.path.join(folder(), name)
    subprocess.run(['cc', '-Wall', '-Wextra', '-Werror', '-O1', '-pthread', *flags, '-o', path,
                    os.path.join(SOURCES, name + '.c')], check=True)
    return path


def new_file(name, pages=8):
    """A file to be mapped; name may be bytes."""
    files = os.fsencode(folder()) + b'/files'
    os.makedirs(files, exist_ok=True)
    path = files + b'/' + os.fsencode(name)
    with open(path, 'wb') as file:
        file.write(b'x' * pages * 4096)
    return path
