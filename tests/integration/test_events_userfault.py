# SPDX-License-Identifier: GPL-2.0-only
"""userfaultfd marks regions, also from another process."""
import fcntl
import os
import struct

from harness import pidfd, procfs
from harness.puppet import PAGE
from harness.tap import Skip, defer
from harness.watched import shared

UFFDIO_API, UFFDIO_REGISTER, UFFDIO_UNREGISTER = 0xc018aa3f, 0xc020aa00, 0x8010aa01
MODE_MISSING = 1


def armed():
    """A puppet with a userfaultfd. Returns it, the descriptor, and memory."""
    w = shared(__file__)
    fd = w.puppet.try_call('userfaultfd', os.O_CLOEXEC)
    if fd < 0:
        raise Skip('this kernel has no userfaultfd')
    w.prepare('ioctl', fd, UFFDIO_API, w.puppet.poke(struct.pack('=3Q', 0xaa, 0, 0)))
    return w, fd, w.region(8)


def range_of(addr, pages):
    return struct.pack('=4Q', addr, pages * PAGE, MODE_MISSING, 0)


def stolen(w, fd):
    """The puppet's descriptor in this process, and no longer in the puppet."""
    ours = pidfd.take(w.pid, fd)
    w.prepare('close', fd)
    return ours


def actor():
    return {'cause': 'remote', 'actor': (os.getpid(), os.getpid()),
            'comm': procfs.read('/proc/self/comm').decode().strip()}


def test_register():
    """registered and unregistered by itself"""
    w, fd, addr = armed()
    _, event = w.change('ioctl', fd, UFFDIO_REGISTER, w.puppet.poke(range_of(addr + PAGE, 2)))
    assert ['uffd-missing' in r.get('traits', []) for r in event['new']] == [False, True, False]
    w.change('ioctl', fd, UFFDIO_UNREGISTER, w.puppet.poke(range_of(addr + PAGE, 2)))


def test_close():
    """closed by itself"""
    w, fd, addr = armed()
    w.prepare('ioctl', fd, UFFDIO_REGISTER, w.puppet.poke(range_of(addr, 8)))
    _, event = w.change('close', fd)
    assert 'uffd-missing' in event['old'][0]['traits']


def test_remote():
    """registered by another process: cause remote"""
    w, fd, addr = armed()
    ours = stolen(w, fd)
    defer(os.close, ours)
    fcntl.ioctl(ours, UFFDIO_REGISTER, bytearray(range_of(addr, 4)))
    event = w.event('UFFDIO_REGISTER by another process', **actor())
    assert event['syscall']['name'] == 'ioctl'
    fcntl.ioctl(ours, UFFDIO_UNREGISTER, bytearray(range_of(addr, 4)))
    w.event('UFFDIO_UNREGISTER by another process', **actor())


def test_remote_close():
    """closed by another process: cause remote"""
    w, fd, addr = armed()
    w.prepare('ioctl', fd, UFFDIO_REGISTER, w.puppet.poke(range_of(addr, 8)))
    ours = stolen(w, fd)
    os.close(ours)
    event = w.event('close by another process', **actor())
    assert 'uffd-missing' in event['old'][0]['traits']
