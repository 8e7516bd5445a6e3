# SPDX-License-Identifier: GPL-2.0-only
"""Which processes a watch has, and which threads a process: what only the kernel can tell."""
import errno
import os
import subprocess

from harness import kernel, procfs
from harness.netlink import (F_DUMP, PROCESS_GET, PROCESS_PID, PROCESS_REGIONS, PROCESS_WATCH_ID, THREAD_COMM, THREAD_GET,
                             THREAD_PID, THREAD_STACK_POINTER, THREAD_TID, THREAD_TLS, Netlink, number, refusal, u32)
from harness.puppet import Puppet
from harness.tap import defer, long
from harness.wait import until


def socket():
    nl = Netlink(receive_buffer=1 << 20)
    defer(nl.close)
    return nl


def processes(nl, watch):
    return {number(attrs, PROCESS_PID): attrs for attrs in nl.ask(PROCESS_GET, u32(PROCESS_WATCH_ID, watch), F_DUMP)}


def test_processes():
    """a watch that follows: the process and the children that it has now"""
    events, nl = socket(), socket()
    with subprocess.Popen(['sh', '-c', 'read go; sleep 1000 & sleep 1000 & read end'], stdin=subprocess.PIPE) as shell:
        watch = events.watch(shell.pid, follow=True)
        assert set(processes(nl, watch)) == {shell.pid}
        shell.stdin.write(b'\n')
        shell.stdin.flush()
        until(lambda: len(processes(nl, watch)) == 3, 'both children are under watch')
        children = set(procfs.children(shell.pid))
        found = processes(nl, watch)
        assert set(found) == children | {shell.pid}
        for pid, attrs in found.items():
            until(lambda pid=pid: number(processes(nl, watch)[pid], PROCESS_REGIONS) == len(procfs.regions(pid)),
                  f'the regions of {pid} are told')
            assert number(attrs, PROCESS_WATCH_ID) == watch
        for pid in children:
            os.kill(pid, 9)
        until(lambda: set(processes(nl, watch)) == {shell.pid}, 'the children are gone')


@long
def test_many_processes():
    """more than fit into one datagram"""
    kernel.need_allocating_probes()
    events, nl = socket(), socket()
    with subprocess.Popen(['sh', '-c', 'read x; for i in $(seq 300); do sleep 1000 & done; wait'],
                          stdin=subprocess.PIPE) as shell:
        # Or else it would be waited for as long as its children sleep.
        try:
            watch = events.watch(shell.pid, follow=True)
            shell.stdin.write(b'\n')
            shell.stdin.flush()
            until(lambda: len(processes(nl, watch)) == 301, 'all children are under watch')
            children = procfs.children(shell.pid)
            assert set(processes(nl, watch)) == set(children) | {shell.pid}
            for pid in children:
                os.kill(pid, 9)
        finally:
            shell.kill()


def test_threads():
    """thread-get: the threads of a process, each with its stack pointer in a stack of its own"""
    puppet, nl = Puppet(threads=8), socket()
    found = {number(attrs, THREAD_TID): dict(attrs)
             for attrs in nl.ask(THREAD_GET, u32(THREAD_PID, puppet.pid), F_DUMP)}
    assert set(found) == {thread.tid for thread in puppet.threads} | {puppet.pid}
    regions = procfs.regions(puppet.pid)
    stacks = set()
    for tid, attrs in found.items():
        said = procfs.stack_pointer(puppet.pid, tid)
        pointer = int.from_bytes(attrs[THREAD_STACK_POINTER], 'little')
        assert pointer == said, f'{tid}: {pointer:x}, and /proc says {said}'
        holding = [region for region in regions if region.start <= pointer < region.end]
        assert len(holding) == 1, f'{tid}: {pointer:x} is in no region'
        stacks.add(holding[0].start)
        with open(f'/proc/{puppet.pid}/task/{tid}/comm', 'rb') as comm:
            assert attrs[THREAD_COMM] == comm.read().rstrip(b'\n') + b'\0'
        tls = int.from_bytes(attrs[THREAD_TLS], 'little')
        assert any(region.start <= tls < region.end for region in regions), f'{tid}: {tls:x} is in no region'
    assert len(stacks) == len(found), 'each has its own stack'
    assert len({attrs[THREAD_TLS] for attrs in found.values()}) == len(found), 'each has its own storage'


def test_refused():
    """no attribute: EINVAL; no such watch: ENOENT; no such process: ESRCH; a kernel thread: EINVAL"""
    nl = socket()
    for code, cmd, attrs in ((errno.EINVAL, PROCESS_GET, b''),
                             (errno.ENOENT, PROCESS_GET, u32(PROCESS_WATCH_ID, 0xffffffff)),
                             (errno.ERANGE, PROCESS_GET, u32(PROCESS_WATCH_ID, 0)),
                             (errno.EINVAL, THREAD_GET, b''),
                             (errno.ERANGE, THREAD_GET, u32(THREAD_PID, 0)),
                             (errno.ESRCH, THREAD_GET, u32(THREAD_PID, 0x7fffffff)),
                             (errno.EINVAL, THREAD_GET, u32(THREAD_PID, 2))):
        said = refusal(nl.ask, cmd, attrs, F_DUMP)
        assert said.code == code, (cmd, said, errno.errorcode[code])
