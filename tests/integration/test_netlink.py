# SPDX-License-Identifier: GPL-2.0-only
"""Requests that are wrong, byte by byte: the errno, the words, and that nothing is left of them."""
import array
import collections
import errno
import os
import socket
import struct
import subprocess
import sys

from harness import client, module, netlink, procfs
from harness.netlink import (F_DUMP, MM_GET, MM_PID, MM_WATCH_ID, NLA_NESTED, REGION_GET, UNWATCH, WATCH, WATCH_GET,
                             WATCH_ID, WATCH_PID, WATCH_RING_SIZE, Netlink, attr, refusal, u32)
from harness.puppet import PAGE, Puppet
from harness.tap import defer, note
from harness.wait import until

# Each request that names a process, its attribute for that, and its flags.
PID_REQUESTS = ((MM_GET, MM_PID, 0), (REGION_GET, MM_PID, F_DUMP), (WATCH, WATCH_PID, 0))


def refused(nl, code, words, *args, **options):
    """A request is refused with this errno, and with words that hold these; None: by netlink itself, without words."""
    said = refusal(nl.ask, *args, **options)
    assert said.code == code, f'{args}: {said}, and it is to be {errno.errorcode[code]}'
    if words is None:
        assert not said.words, f'{args}: {said.words!r}'
    else:
        assert words in said.words or silent(args), f'{args}: {said.words!r} is to say {words!r}'
    return said


def silent(args):
    """Is this a request that the kernel does not let us say anything about?"""
    return F_DUMP in args and not netlink.DUMPS_EXPLAIN


def socket_and_puppet():
    nl = Netlink()
    defer(clean, nl)
    return nl, Puppet()


def clean(nl):
    """After all that was tried, the socket is good for a right request, and no watch is left."""
    nl.ask(MM_GET, u32(MM_PID, os.getpid()))
    nl.close()
    netlink.none_left()


def test_right():
    """what is right is answered: so the rest fails for no other reason"""
    nl, puppet = socket_and_puppet()
    for cmd, kind, flags in PID_REQUESTS:
        answer = nl.ask(cmd, u32(kind, puppet.pid), flags)
        assert answer
    regions = [data for attrs in nl.ask(REGION_GET, u32(MM_PID, puppet.pid), F_DUMP) for kind, data in attrs
               if kind == netlink.MM_REGION]
    assert len(regions) == len(procfs.regions(puppet.pid))
    number = list(nl.watches())[0]
    nl.ask(REGION_GET, u32(MM_PID, puppet.pid) + u32(MM_WATCH_ID, number), F_DUMP)
    nl.unwatch(number)


def test_missing_pid():
    """no pid: EINVAL"""
    nl, _ = socket_and_puppet()
    for cmd, _, flags in PID_REQUESTS:
        refused(nl, errno.EINVAL, 'pid', cmd, b'', flags)
    refused(nl, errno.EINVAL, 'id', UNWATCH)


def test_pid_values():
    """pid 0: ERANGE; ids that nobody has: ESRCH; a kernel thread: EINVAL"""
    nl, puppet = socket_and_puppet()
    for cmd, kind, flags in PID_REQUESTS:
        said = refused(nl, errno.ERANGE, 'out of range', cmd, u32(kind, 0), flags)
        assert said.offset == 20, said
        for pid in 0x7fffffff, 0x80000000, 0xffffffff:
            refused(nl, errno.ESRCH, 'no such process', cmd, u32(kind, pid), flags)
        refused(nl, errno.EINVAL, 'kernel thread', cmd, u32(kind, 2), flags)
    puppet.begin('exit_group', 0)
    until(lambda: procfs.state(puppet.pid) == 'Z', 'it is a zombie')
    for cmd, kind, flags in PID_REQUESTS:
        refused(nl, errno.ESRCH, 'exited', cmd, u32(kind, puppet.pid), flags)


def test_lengths():
    """a number of 0, 1, 2, 3, 5, 8 bytes: refused"""
    nl, puppet = socket_and_puppet()
    data = struct.pack('=Q', puppet.pid)
    for cmd, kind, flags in PID_REQUESTS:
        for length in 0, 1, 2, 3, 5, 8:
            said = refusal(nl.ask, cmd, attr(kind, data[:length]), flags)
            assert said.code in (errno.EINVAL, errno.ERANGE) and said.words, (cmd, length, said)
    for length in 0, 1, 3, 5:
        assert refusal(nl.ask, WATCH, u32(WATCH_PID, puppet.pid) + attr(WATCH_RING_SIZE, data[:length])).words
        assert refusal(nl.ask, UNWATCH, attr(WATCH_ID, data[:length])).words
        assert refusal(nl.ask, REGION_GET, u32(MM_PID, puppet.pid) + attr(MM_WATCH_ID, data[:length]), F_DUMP).words


def others(cmd, attributes):
    """Numbers of attributes that a command does not take: those of answers, and those that there are not."""
    taken = {MM_GET: ['MM_PID'], REGION_GET: ['MM_PID', 'MM_WATCH_ID'], UNWATCH: ['WATCH_ID'], WATCH_GET: [],
             WATCH: ['WATCH_PID', 'WATCH_RING_SIZE', 'WATCH_FOLLOW', 'WATCH_LOSSLESS', 'WATCH_CALLCHAIN',
                     'WATCH_STACK_SIZE', 'WATCH_CALLCHAIN_CAUSES', 'WATCH_CALLCHAIN_TID']}[cmd]
    known = netlink.HEADER[attributes]
    return [number for name, number in known.items() if name not in taken] + [0, max(known.values()) + 1, 1000, 0x3fff]


def test_unknown_attributes():
    """attributes that there are not, and those that only answers have: EINVAL"""
    nl, puppet = socket_and_puppet()
    for cmd, kind, flags in PID_REQUESTS:
        right = u32(kind, puppet.pid)
        for other in others(cmd, 'a_watch' if cmd == WATCH else 'a_mm'):
            for extra in u32(other, 1), attr(other, b''), attr(other, b'x' * 4000):
                for attrs in right + extra, extra + right:
                    said = refusal(nl.ask, cmd, attrs, flags)
                    assert said.code == errno.EINVAL and said.words, (cmd, other, said)
    for other in others(WATCH_GET, 'a_watch'):
        assert refusal(nl.ask, WATCH_GET, u32(other, 1), F_DUMP).code == errno.EINVAL


def test_nested_flag():
    """a number that claims to be a nest: EINVAL"""
    nl, puppet = socket_and_puppet()
    for cmd, kind, flags in PID_REQUESTS:
        said = refusal(nl.ask, cmd, u32(kind | NLA_NESTED, puppet.pid), flags)
        assert said.code == errno.EINVAL and said.words, said


def test_twice_the_attribute():
    """a pid given twice: the last one counts, as netlink has it"""
    nl, puppet = socket_and_puppet()
    for first, last in (os.getpid(), puppet.pid), (puppet.pid, os.getpid()), (0x7fffffff, puppet.pid):
        answer = nl.ask(MM_GET, u32(MM_PID, first) + u32(MM_PID, last))
        assert netlink.number(answer[0], MM_PID) == last
    refused(nl, errno.ESRCH, 'no such process', MM_GET, u32(MM_PID, puppet.pid) + u32(MM_PID, 0x7fffffff))


def test_wrong_kind():
    """dumps of what is no dump, and the other way round: EOPNOTSUPP"""
    nl, puppet = socket_and_puppet()
    for cmd, kind in (MM_GET, MM_PID), (WATCH, WATCH_PID), (UNWATCH, WATCH_ID):
        refused(nl, errno.EOPNOTSUPP, None, cmd, u32(kind, puppet.pid), F_DUMP)
    for cmd in REGION_GET, WATCH_GET:
        refused(nl, errno.EOPNOTSUPP, None, cmd, u32(MM_PID, puppet.pid) if cmd == REGION_GET else b'')


def test_unknown_commands():
    """commands that there are not, and the event, which is none: EOPNOTSUPP"""
    nl, puppet = socket_and_puppet()
    for cmd in 0, netlink.EVENT, max(netlink.HEADER['cmd'].values()) + 1, 100, 255:
        for flags in 0, F_DUMP:
            refused(nl, errno.EOPNOTSUPP, None, cmd, u32(MM_PID, puppet.pid), flags)


def test_truncated():
    """messages that are cut off, or claim another length than they have"""
    nl, puppet = socket_and_puppet()
    right = u32(MM_PID, puppet.pid)
    # Claims less than its attributes: what is beyond is no part of it.
    refused(nl, errno.EINVAL, 'pid', MM_GET, right, length=20)
    for length in 16, 17, 18, 19:
        said = refusal(nl.ask, MM_GET, right, length=length)
        assert said.code in (errno.EINVAL, errno.EOPNOTSUPP), said
    for length in 21, 22, 23, 25, 27:
        said = refusal(nl.ask, MM_GET, right, length=length)
        assert said.code == errno.EINVAL and said.words, said
    # Attributes that claim more than there is, or less than themselves.
    for claimed in 0, 1, 3, 9, 100, 0xffff:
        said = refusal(nl.ask, MM_GET, struct.pack('=HHI', claimed, MM_PID, puppet.pid))
        assert said.code == errno.EINVAL and said.words, (claimed, said)
    # Claims more than is sent, or less than a header: the kernel drops it without an answer.
    for options in {'length': 1000}, {'length': 0}, {'length': 15}, {'cut': 10}, {'cut': 18}, {'cut': 21}:
        nl.send(MM_GET, right, **options)
    assert nl.ask(MM_GET, right)


def test_garbage():
    """2 000 requests of random bytes: an answer to each, of no other process than was asked for, and nothing breaks"""
    import random
    nl, puppet = socket_and_puppet()
    dice = random.Random(7)
    pid = struct.pack('=I', puppet.pid)
    granted = collections.Counter()
    for _ in range(2000):
        attrs = b''
        for _ in range(dice.randrange(4)):
            data = pid if dice.random() < 0.5 else dice.randbytes(dice.randrange(12))
            attrs += attr(dice.choice((MM_PID, dice.randrange(12))), data)
        if dice.random() < 0.3:
            attrs += dice.randbytes(dice.randrange(1, 20))
        try:
            cmd = dice.randrange(8)
            answer = nl.ask(cmd, attrs, dice.choice((0, F_DUMP)))
        except netlink.Refused as said:
            assert said.code in (errno.EINVAL, errno.ERANGE, errno.EOPNOTSUPP, errno.ESRCH, errno.ENOENT,
                                 errno.EEXIST), said
        else:
            granted[cmd] += 1
            if cmd in (MM_GET, REGION_GET):
                assert netlink.number(answer[0], MM_PID) == puppet.pid, answer
    note(f'granted: {dict(granted)}')
    assert granted[MM_GET] and granted[REGION_GET] and granted[WATCH_GET], granted
    for number in nl.watches():
        nl.unwatch(number)


def test_watch_twice():
    """watching twice by one socket: EEXIST; by two: fine; the first goes on"""
    nl, puppet = socket_and_puppet()
    number = nl.watch(puppet.pid)
    refused(nl, errno.EEXIST, 'already', WATCH, u32(WATCH_PID, puppet.pid))
    with Netlink() as other:
        assert other.watch(puppet.pid) == number
        puppet.mmap(PAGE)
        for one in nl, other:
            assert [netlink.number(event, netlink.EVENT_SEQ) for event in one.events()] == [1]
    nl.unwatch(number)


def test_unwatch():
    """unwatching what is not watched, or by another socket: ENOENT"""
    nl, puppet = socket_and_puppet()
    number = nl.watch(puppet.pid)
    for wrong in number + 1, 0xffffffff:
        refused(nl, errno.ENOENT, 'no such watch', UNWATCH, u32(WATCH_ID, wrong))
    refused(nl, errno.ERANGE, 'out of range', UNWATCH, u32(WATCH_ID, 0))
    with Netlink() as other:
        refused(other, errno.ENOENT, 'no such watch', UNWATCH, u32(WATCH_ID, number))
    nl.unwatch(number)
    refused(nl, errno.ENOENT, 'no such watch', UNWATCH, u32(WATCH_ID, number))
    again = nl.watch(puppet.pid)
    assert again > number, 'numbers are not used again'
    nl.unwatch(again)


def test_ring_size():
    """a ring out of bounds: ERANGE; at the bounds: fine, and rounded up"""
    nl, puppet = socket_and_puppet()
    for size in 0, 1, 65535, 67108865, 0xffffffff:
        refused(nl, errno.ERANGE, 'out of range', WATCH, u32(WATCH_PID, puppet.pid) + u32(WATCH_RING_SIZE, size))
    for size, real in (65536, 65536), (65537, 131072), (67108864, 67108864):
        answer = nl.ask(WATCH, u32(WATCH_PID, puppet.pid) + u32(WATCH_RING_SIZE, size))
        assert netlink.number(answer[0], WATCH_RING_SIZE) == real
        nl.unwatch(netlink.number(answer[0], WATCH_ID))


def test_watch_id():
    """a dump in step with a watch that there is not: ENOENT; with another process's: no number"""
    nl, puppet = socket_and_puppet()
    wrong = u32(MM_PID, puppet.pid) + u32(MM_WATCH_ID, 0x7fffffff)
    refused(nl, errno.ENOENT, 'no such watch', REGION_GET, wrong, F_DUMP)
    refused(nl, errno.ERANGE, 'out of range', REGION_GET, u32(MM_PID, puppet.pid) + u32(MM_WATCH_ID, 0), F_DUMP)
    other = Puppet()
    number = nl.watch(other.pid)
    answer = nl.ask(REGION_GET, u32(MM_PID, puppet.pid) + u32(MM_WATCH_ID, number), F_DUMP)
    assert netlink.number(answer[0], netlink.MM_SEQ) is None
    nl.unwatch(number)


def test_abandoned_dumps():
    """dumps that are begun and never read, their sockets closed: nothing is left"""
    puppet = Puppet()
    puppet.many_regions(3000)
    for _ in range(50):
        nl = Netlink(receive_buffer=1)
        nl.send(REGION_GET, u32(MM_PID, puppet.pid), F_DUMP)
        nl.close()
    module.unload()


def test_abandoned_halfway():
    """many sockets closed in mid-dump, some after a first read"""
    puppet = Puppet()
    puppet.many_regions(3000)
    sockets = [Netlink(receive_buffer=1) for _ in range(50)]
    for number, nl in enumerate(sockets):
        nl.send(REGION_GET, u32(MM_PID, puppet.pid), F_DUMP)
        for _ in range(number % 4):
            nl.receive()
    puppet.end()
    for nl in sockets:
        nl.close()
    module.unload()


def test_busy_dump():
    """a second dump while one is under way: EBUSY, and the first one goes on"""
    puppet = Puppet()
    puppet.many_regions(3000)
    seen = len(procfs.maps(puppet.pid).splitlines())
    # Room for the error besides the first part of the dump.
    with Netlink() as nl:
        nl.send(REGION_GET, u32(MM_PID, puppet.pid), F_DUMP)
        first = nl.seq
        nl.send(REGION_GET, u32(MM_PID, puppet.pid), F_DUMP)
        found = busy = 0
        done = False
        while not done:
            for kind, _, seq, body in nl.receive():
                if kind == netlink.NLMSG_ERROR:
                    assert seq == first + 1 and struct.unpack_from('=i', body)[0] == -errno.EBUSY
                    busy += 1
                elif kind == netlink.NLMSG_DONE:
                    done = True
                else:
                    found += sum(1 for attribute, _ in netlink.parse(body[4:]) if attribute == netlink.MM_REGION)
    assert found == seen and busy == 1, (found, seen, busy)


def test_changes_during_dump():
    """the process changes, and exits, during a dump: it shows one moment"""
    puppet = Puppet()
    place = puppet.many_regions(3000)
    seen = len(procfs.maps(puppet.pid).splitlines())
    with Netlink(receive_buffer=1) as nl:
        nl.send(REGION_GET, u32(MM_PID, puppet.pid), F_DUMP)
        messages = nl.receive()
        puppet.call('munmap', place, 3000 * PAGE)
        messages += nl.receive()
        puppet.end()
        while messages[-1][0] != netlink.NLMSG_DONE:
            messages += nl.receive()
    found = sum(1 for kind, _, _, body in messages if kind == nl.family for attribute, _ in netlink.parse(body[4:])
                if attribute == netlink.MM_REGION)
    assert found == seen


HANDED = '''
import socket, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from harness.netlink import *
nl = Netlink(socket.socket(fileno=int(sys.argv[2])))
for cmd, attrs, flags in ((MM_GET, u32(MM_PID, 1), 0), (REGION_GET, u32(MM_PID, 1), F_DUMP),
                          (WATCH, u32(WATCH_PID, 1), 0), (UNWATCH, u32(WATCH_ID, 1), 0), (WATCH_GET, b"", F_DUMP)):
    said = refusal(nl.ask, cmd, attrs, flags)
    print(said.code, "CAP_SYS_PTRACE" in said.words or (bool(flags) and not DUMPS_EXPLAIN))
'''
TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']


def five_refusals(command, *fds):
    done = subprocess.run([*command], pass_fds=fds, capture_output=True, text=True, check=False)
    assert done.stdout.split('\n')[:-1] == ['1 True'] * 5, done


def test_unprivileged():
    """each request by nobody, and by a socket that root opened and handed to nobody: EPERM"""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    sock.bind((0, 0))
    sock.set_inheritable(True)
    five_refusals([*NOBODY, sys.executable, '-c', HANDED, TESTS, str(sock.fileno())], sock.fileno())
    sock.close()
    assert not netlink.watches()


OPENS = '''
import array, socket, sys
out = socket.socket(fileno=int(sys.argv[1]))
nl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
nl.bind((0, 0))
out.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [nl.fileno()]))])
out.recv(1)
'''


def test_opened_by_nobody():
    """each request by root, by a socket that nobody opened: EPERM"""
    ours, theirs = socket.socketpair()
    with subprocess.Popen([*NOBODY, sys.executable, '-c', OPENS, str(theirs.fileno())], pass_fds=[theirs.fileno()]):
        _, ancillary, _, _ = ours.recvmsg(1, 64)
        fd = array.array('i', ancillary[0][2])[0]
        os.set_inheritable(fd, True)
        try:
            five_refusals([sys.executable, '-c', HANDED, TESTS, str(fd)], fd)
        finally:
            ours.send(b'.')
    assert not netlink.watches()


def test_others_go_on():
    """a watch gets its events while others send what is wrong, and the module unloads after all"""
    puppet = Puppet()
    watch = client.Watch('-q', puppet.pid).ready(puppet.pid)
    with Netlink() as nl:
        for number in range(1, 101):
            refused(nl, errno.ESRCH, 'no such process', WATCH, u32(WATCH_PID, 0x7ffffff0))
            assert refusal(nl.ask, WATCH, attr(WATCH_PID, b'x')).words
            puppet.mmap(PAGE, number % 8)
            assert watch.record()['seq'] == number
    puppet.end()
    assert watch.rest()[-1]['type'] == 'exit' and watch.wait() == client.DONE
    module.unload()
