# SPDX-License-Identifier: GPL-2.0-only
"""Compiles the programs of load/."""
import atexit
import functools
import glob
import os
import pathlib
import shutil
import subprocess
import tempfile

BENCH = pathlib.Path(__file__).resolve().parents[1]
ROOT = BENCH.parents[1]
# The client's own code, for what is to cost as much as in the client.
LIBRARIES = ['libnl-3.0', 'libnl-genl-3.0', 'json-c', 'libdeflate', 'libseccomp', 'libdw', 'libelf']


@functools.cache
def folder():
    """A folder for this run; not on a disk, which would be waited for."""
    path = tempfile.mkdtemp(prefix='vasmon-bench-', dir='/dev/shm')
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return pathlib.Path(path)


@functools.cache
def program(name):
    """The path of load/NAME.c, compiled."""
    path = folder() / name
    subprocess.run(['cc', '-Wall', '-Wextra', '-Werror', '-O2', '-pthread', '-o', path, BENCH / 'load' / f'{name}.c'],
                   check=True)
    return str(path)


@functools.cache
def program_with_client(name):
    """The same, linked with the client's objects, whose folder is VASMON_BENCH_OBJECTS."""
    path, library = folder() / name, folder() / 'client.a'
    objects = glob.glob(os.environ['VASMON_BENCH_OBJECTS'] + '/*.o')
    subprocess.run(['ar', 'rcs', library, *(o for o in objects if os.path.basename(o) != 'main.o')], check=True)
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', *LIBRARIES], check=True, capture_output=True,
                           text=True).stdout.split()
    subprocess.run(['cc', '-Wall', '-Wextra', '-Werror', '-O2', '-D_GNU_SOURCE', f'-I{ROOT}/client', f'-I{ROOT}/include/uapi',
                    '-o', path, BENCH / 'load' / f'{name}.c', library, *flags, '-liberty'], check=True)
    return str(path)
