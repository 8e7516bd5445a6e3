# SPDX-License-Identifier: GPL-2.0-only
"""Files that processes have mapped, found when the process that mapped them has ended."""
import ctypes
import os
import shutil
import signal

from harness import build, client, procfs
from harness.puppet import MAP_PRIVATE, PAGE, PROT_EXEC, PROT_READ, Puppet
from harness.tap import Skip, defer
from harness.wait import until

# The system call.
POLL = 7
MNT_DETACH = 2
LIBC = ctypes.CDLL(None, use_errno=True)


def succeeds(result):
    assert result == 0, os.strerror(ctypes.get_errno())


def umount(at):
    """The program of that name would look at what it unmounts."""
    succeeds(LIBC.umount2(os.fsencode(at), MNT_DETACH))


def mount(kind, at, options=''):
    os.makedirs(at, exist_ok=True)
    succeeds(LIBC.mount(kind.encode(), os.fsencode(at), kind.encode(), 0, options.encode()))


def seen_late(path, meanwhile=lambda: None):
    """What the client says that a file is, which it reads about only once the process has ended."""
    puppet = Puppet()
    watch = client.Watch('-q', puppet.pid).ready(puppet.pid)
    until(lambda: procfs.syscall(watch.pid)[0:3:2] == [POLL, 4], 'the client waits for events')
    os.kill(watch.pid, signal.SIGSTOP)
    puppet.mmap(PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, puppet.open(path, os.O_RDONLY))
    puppet.end()
    meanwhile()
    os.kill(watch.pid, signal.SIGCONT)
    records = watch.rest()
    assert watch.wait() == client.DONE, watch.stderr()
    region, = records[0]['new']
    assert region['name'] == path, region
    return region['what']


def program(at):
    """A program in that folder."""
    os.makedirs(at, exist_ok=True)
    return shutil.copy('/usr/bin/true', f'{at}/program')


def test_plain():
    """on a filesystem of its own"""
    place = os.path.join(build.folder(), 'on-tmpfs')
    mount('tmpfs', place)
    defer(umount, place)
    what = seen_late(program(place))
    assert what['certain'] and '.interp' in what['sections'], what


def test_overlay():
    """on an overlay, whose layers are mounted nowhere else: in the lower one, of the same filesystem and of another"""
    for layers in 'one', 'two':
        place = os.path.join(build.folder(), f'on-overlay-{layers}')
        for layer in 'low', 'up':
            mount('tmpfs', f'{place}/{layer}')
        program(f'{place}/low/files')
        upper = f'{place}/low' if layers == 'one' else f'{place}/up'
        for folder in 'files', 'upper', 'work':
            os.makedirs(f'{upper}/{folder}', exist_ok=True)
        mount('overlay', f'{place}/merged', f'lowerdir={place}/low/files,upperdir={upper}/upper,workdir={upper}/work')
        defer(umount, f'{place}/merged')
        for layer in 'low', 'up':
            umount(f'{place}/{layer}')
        what = seen_late(f'{place}/merged/program')
        assert what['certain'] and '.interp' in what['sections'], (layers, what)


def test_other_file():
    """another file is there by then, on an overlay: its sections are not those"""
    place = os.path.join(build.folder(), 'on-overlay-other')
    mount('tmpfs', place)
    defer(umount, place)
    program(f'{place}/low')
    for folder in 'upper', 'work':
        os.makedirs(f'{place}/{folder}')
    mount('overlay', f'{place}/merged', f'lowerdir={place}/low,upperdir={place}/upper,workdir={place}/work')
    defer(umount, f'{place}/merged')

    def replace():
        shutil.copy('/usr/bin/false', f'{place}/merged/new')
        os.rename(f'{place}/merged/new', f'{place}/merged/program')

    what = seen_late(f'{place}/merged/program', replace)
    assert 'sections' not in what, what


def test_fuse():
    """a server of FUSE that never answers is on the way by then: nobody waits for it"""
    place = os.path.join(build.folder(), 'on-fuse')
    mount('tmpfs', place)
    defer(umount, place)
    path = program(f'{place}/folder')
    try:
        server = os.open('/dev/fuse', os.O_RDWR)
    except OSError as error:
        raise Skip(f'no FUSE here: {error.strerror}') from error
    defer(os.close, server)

    def cover():
        mount('fuse', f'{place}/folder', f'fd={server},rootmode=40000,user_id=0,group_id=0')
        defer(umount, f'{place}/folder')

    what = seen_late(path, cover)
    assert 'sections' not in what, what
