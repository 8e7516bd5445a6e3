# SPDX-License-Identifier: GPL-2.0-only
"""Marks: texts among the events, from outside and from the process itself."""
import errno
import os
import select
import struct
import subprocess
import time

from harness import module, netlink
from harness.netlink import EVENT_CAUSE, EVENT_PID, EVENT_SEQ, EVENT_TEXT, EVENT_TID, MARK, Netlink, attr, refusal, u32
from harness.puppet import PAGE, Puppet
from harness.tap import Skip, defer, long

FILE = '/sys/kernel/debug/vasmon/mark'


def mark(nl, pid, text):
    return nl.ask(MARK, u32(EVENT_PID, pid) + attr(EVENT_TEXT, text + b'\0'))


def watched():
    """A puppet, a socket that gets its events, and one to ask with."""
    puppet, events, nl = Puppet(), Netlink(receive_buffer=1 << 20), Netlink()
    defer(events.close)
    defer(nl.close)
    events.watch(puppet.pid)
    return puppet, events, nl


def next_events(events, count):
    """So many events, each as a dictionary of what comes once."""
    found = []
    while len(found) < count:
        found += [dict(attrs) for attrs in events.events()]
    assert len(found) == count, found
    return found


def number(event, kind):
    return int.from_bytes(event[kind], 'little')


def test_order():
    """marks come between the changes that they were made between"""
    puppet, events, nl = watched()
    texts = []
    for i in range(20):
        puppet.call('mmap', 0, PAGE, 3, 0x22, -1, 0)
        texts.append(f'mark {i}'.encode())
        mark(nl, puppet.pid, texts[-1])
    got = next_events(events, 40)
    assert [number(event, EVENT_SEQ) for event in got] == list(range(1, 41))
    wanted = [text and text + b'\0' for pair in texts for text in (None, pair)]
    assert [event.get(EVENT_TEXT) for event in got] == wanted
    for event in got[1::2]:
        assert number(event, EVENT_CAUSE) == netlink.CAUSE_MARK
        assert number(event, EVENT_PID) == puppet.pid
        assert number(event, EVENT_TID) == os.getpid(), 'who said it'


def test_bytes():
    """any bytes but zero come through as they are, up to the longest"""
    puppet, events, nl = watched()
    for text in b'', b'x' * 255, bytes(range(1, 256)), b'\x1b[31m\n\xff\xc0':
        mark(nl, puppet.pid, text)
        assert next_events(events, 1)[0][EVENT_TEXT] == text + b'\0'


def test_refused():
    """too long, no text, no end, no process named: EINVAL; nobody watches: ENOENT; no process: ESRCH"""
    puppet, _, nl = watched()
    pid = u32(EVENT_PID, puppet.pid)
    for code, attrs in ((errno.EINVAL, pid + attr(EVENT_TEXT, b'x' * 256 + b'\0')),
                        (errno.EINVAL, pid),
                        (errno.EINVAL, pid + attr(EVENT_TEXT, b'x')),
                        (errno.EINVAL, attr(EVENT_TEXT, b'x\0')),
                        (errno.ENOENT, u32(EVENT_PID, os.getpid()) + attr(EVENT_TEXT, b'x\0')),
                        (errno.ESRCH, u32(EVENT_PID, 0x7fffffff) + attr(EVENT_TEXT, b'x\0'))):
        said = refusal(nl.ask, MARK, attrs)
        assert said.code == code and said.words, (said, errno.errorcode[code])


def test_two_watches():
    """a mark of a process is in each watch of it"""
    puppet, events, nl = watched()
    with Netlink() as other:
        other.watch(puppet.pid, follow=True)
        mark(nl, puppet.pid, b'both')
        for sock in events, other:
            assert next_events(sock, 1)[0][EVENT_TEXT] == b'both\0'


def test_rate():
    """of more than 10000 marks in a second the rest is refused, with EBUSY; those that were taken are there"""
    puppet, _, nl = watched()
    with Netlink() as events:
        watch = events.watch(puppet.pid)
        before = nl.events_so_far(watch)
        # Many requests in a datagram, of which only those that fail are answered: else it would be too slow.
        body = struct.pack('=BBH', MARK, 1, 0) + u32(EVENT_PID, puppet.pid) + attr(EVENT_TEXT, b'x\0')
        message = struct.pack('=IHHII', 16 + len(body), nl.family, netlink.F_REQUEST, 0, 0) + body
        sent, refused, start = 0, [], time.monotonic()
        while not refused:
            nl.sock.send(message * 100)
            sent += 100
            while select.select([nl.sock], [], [], 0)[0]:
                refused += [struct.unpack_from('=i', body)[0] for _, _, _, body in nl.receive()]
            rate = sent / (time.monotonic() - start)
            if sent >= 30000 and rate < 12000:
                raise Skip(f'only {rate:.0f} marks a second can be asked for on this machine')
        assert set(refused) == {-errno.EBUSY}, refused
        assert nl.events_so_far(watch) - before == sent - len(refused)


def test_own():
    """a process writes to the file mark in debugfs: a mark of its own"""
    program = ("import sys, os\n"
               "sys.stdin.readline()\n"
               "fd = os.open('%s', os.O_WRONLY)\n"
               "os.write(fd, b'one\\n'); os.write(fd, b'two')\n"
               "print('done', flush=True)\n"
               "sys.stdin.readline()\n" % FILE)
    with subprocess.Popen(['python3', '-c', program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as proc:
        with Netlink(receive_buffer=1 << 20) as events:
            events.watch(proc.pid)
            proc.stdin.write(b'\n')
            proc.stdin.flush()
            assert proc.stdout.readline() == b'done\n'
            texts = []
            while len(texts) < 2:
                texts += [dict(attrs)[EVENT_TEXT] for attrs in events.events() if EVENT_TEXT in dict(attrs)]
            assert texts == [b'one\0', b'two\0'], texts
            proc.stdin.write(b'\n')
            proc.stdin.flush()


def test_own_unwatched():
    """where nobody watches, a write to it succeeds all the same; one that is too long or has a zero does not"""
    fd = os.open(FILE, os.O_WRONLY)
    defer(os.close, fd)
    assert os.write(fd, b'x' * 255 + b'\n') == 256
    for text, code in ((b'x' * 256, errno.EMSGSIZE), (b'x' * 100000, errno.EMSGSIZE), (b'a\0b', errno.EINVAL)):
        try:
            os.write(fd, text)
        except OSError as error:
            assert error.errno == code, (text[:8], error)
        else:
            raise AssertionError(f'{text[:8]} was taken')
    assert os.stat(FILE).st_mode & 0o777 == 0o200


@long
def test_unload():
    """many marks while the module is unloaded and loaded: those that are made after that are heard"""
    # Now and then it has closed the file: only then the module can be unloaded.
    program = ("import os, time\n"
               "while True:\n"
               "    try:\n"
               "        fd = os.open('%s', os.O_WRONLY)\n"
               "        for i in range(50): os.write(fd, b'x')\n"
               "        os.close(fd)\n"
               "        time.sleep(0.01)\n"
               "    except OSError: pass\n" % FILE)
    with subprocess.Popen(['python3', '-c', program]) as proc:
        try:
            for times in range(6):
                if times:
                    # While the file is open the module is in use.
                    module.load(module.unload(patiently=True))
                with Netlink() as events:
                    events.watch(proc.pid)
                    while not any(dict(event).get(EVENT_TEXT) == b'x\0' for event in events.events()):
                        pass
        finally:
            proc.kill()
