# SPDX-License-Identifier: GPL-2.0-only
"""What one process may do to another: take its files and sockets, write its memory, give advice about it."""
import ctypes
import os
import socket

_PROCESS_VM_WRITEV, _PIDFD_GETFD, _PROCESS_MADVISE = 311, 438, 440
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.argtypes = [ctypes.c_long] * 7
_libc.syscall.restype = ctypes.c_long


class _Range(ctypes.Structure):
    """struct iovec"""
    _fields_ = [('start', ctypes.c_void_p), ('bytes', ctypes.c_size_t)]


def _call(number, *args):
    """A system call. Returns what it returned, or a negative errno."""
    ret = _libc.syscall(number, *args, *[0] * (6 - len(args)))
    return ret if ret >= 0 else -ctypes.get_errno()


def take(pid, fd):
    """A duplicate of a process's descriptor."""
    pidfd = os.pidfd_open(pid)
    try:
        found = _call(_PIDFD_GETFD, pidfd, fd)
    finally:
        os.close(pidfd)
    if found < 0:
        raise OSError(-found, f'descriptor {fd} of process {pid}')
    return found


def write_memory(pid, addr, data):
    """process_vm_writev(). Returns how many bytes were written, or a negative errno."""
    ours = _Range(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data))
    theirs = _Range(addr, len(data))
    return _call(_PROCESS_VM_WRITEV, pid, ctypes.addressof(ours), 1, ctypes.addressof(theirs), 1)


def advise(pid, addr, length, advice):
    """process_madvise(). Returns for how many bytes, or a negative errno."""
    pidfd = os.pidfd_open(pid)
    try:
        where = _Range(addr, length)
        return _call(_PROCESS_MADVISE, pidfd, ctypes.addressof(where), 1, advice)
    finally:
        os.close(pidfd)


def netlink_socket(pid, portid):
    """A duplicate of the process's netlink socket that has this port."""
    for name in os.listdir(f'/proc/{pid}/fd'):
        if os.readlink(f'/proc/{pid}/fd/{name}').startswith('socket:'):
            sock = socket.socket(fileno=take(pid, int(name)))
            if sock.family == socket.AF_NETLINK and sock.getsockname()[0] == portid:
                return sock
            sock.close()
    raise AssertionError(f'process {pid} has no netlink socket {portid}')


def small_socket(pid, portid):
    """Let the socket of a client's events hold next to nothing: it would hold tens of thousands."""
    with netlink_socket(pid, portid) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
