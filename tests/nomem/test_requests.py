# SPDX-License-Identifier: GPL-2.0-only
"""Each allocation of each request fails once: it is refused with ENOMEM or granted, and nothing is left of it."""
import errno
import os

from failing import failing, walk
from harness import client, debugfs, netlink, procfs
from harness.netlink import (EVENT_PID, EVENT_TEXT, F_DUMP, MARK, MM_GET, MM_PID, MM_REGION, MM_SEQ,
                             MM_WATCH_ID, PROCESS_GET, PROCESS_PID, PROCESS_WATCH_ID, REGION_GET,
                             SMALLEST_RING, THREAD_GET, THREAD_PID, UNWATCH, WATCH, WATCH_CALLCHAIN, WATCH_FOLLOW,
                             WATCH_GET, WATCH_ID, WATCH_PID, WATCH_RING_SIZE, Netlink, attr, number, u32)
from harness.puppet import MAP_PRIVATE, MAP_SHARED, MAP_ANONYMOUS, PAGE, PROT_READ, RW, Puppet
from harness.tap import defer, note
from harness.wait import until

PR_SET_VMA = 0x53564d41


def socket():
    nl = Netlink(receive_buffer=1 << 20)
    defer(nl.close)
    return nl


def granted(ask, *args, **options):
    """The answer, or None if there was no memory for it."""
    try:
        return ask(*args, **options)
    except netlink.Refused as refused:
        assert refused.code == errno.ENOMEM, refused
        return None


def walked(what, least, *args, **options):
    """Walk this process's allocations; at least so many have to fail.

    None need to where the module allocates nothing: the request is made all the same, and what is added one day fails.
    """
    count = walk(os.getpid(), *args, **options)
    note(f'{what}: {count} allocations')
    assert count >= least, f'{what} was to make {least} allocations, and made {count}'


def in_order(pid):
    """All works, and nothing is left."""
    netlink.none_left()
    assert client.raw_maps(pid) == procfs.maps(pid)


def test_mm():
    """mm-get"""
    puppet, nl = Puppet(), socket()

    def attempt():
        answer = granted(nl.ask, MM_GET, u32(MM_PID, puppet.pid))
        assert not answer or number(answer[0], MM_PID) == puppet.pid
    walked('mm-get', 4, attempt)
    in_order(puppet.pid)


def named(puppet):
    """Regions with each kind of name."""
    puppet.mmap(PAGE, RW, MAP_SHARED | MAP_ANONYMOUS)
    puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, puppet.open('/bin/true', os.O_RDONLY))
    place = puppet.mmap(3 * PAGE)
    assert puppet.try_call('prctl', PR_SET_VMA, 0, place + PAGE, PAGE, puppet.poke(b'a name')) == 0


def test_regions():
    """region-get: what is dumped is the whole map, or nothing"""
    puppet, nl = Puppet(), socket()
    named(puppet)
    count = len(procfs.maps(puppet.pid).splitlines())

    def attempt():
        answer = granted(nl.ask, REGION_GET, u32(MM_PID, puppet.pid), F_DUMP)
        assert answer is None or sum(kind == MM_REGION for message in answer for kind, _ in message) == count, answer
    walked('region-get', 8, attempt)
    in_order(puppet.pid)


def test_regions_in_step():
    """region-get with a watch that takes its map from it: both, or none of both"""
    puppet, nl = Puppet(), socket()
    watch = 0

    def before():
        nonlocal watch
        if watch:
            nl.unwatch(watch)
        watch = nl.watch(puppet.pid, SMALLEST_RING)

    def attempt():
        answer = granted(nl.ask, REGION_GET, u32(MM_PID, puppet.pid) + u32(MM_WATCH_ID, watch), F_DUMP)
        assert answer is None or number(answer[0], MM_SEQ) == 0, answer
    walked('region-get of a watch', 40, attempt, before)
    assert number(nl.ask(REGION_GET, u32(MM_PID, puppet.pid) + u32(MM_WATCH_ID, watch), F_DUMP)[0], MM_SEQ) == 0
    puppet.mmap(PAGE)
    assert number(nl.events()[0], netlink.EVENT_SEQ) == 1
    nl.unwatch(watch)
    in_order(puppet.pid)


def test_watch():
    """watch, the first one: it is there, or nothing of it is"""
    puppet, nl = Puppet(), socket()
    attrs = (u32(WATCH_PID, puppet.pid) + u32(WATCH_RING_SIZE, SMALLEST_RING) + attr(WATCH_FOLLOW, b'') +
             attr(WATCH_CALLCHAIN, b''))

    def attempt():
        answer = granted(nl.ask, WATCH, attrs)
        assert len(nl.watches()) == bool(answer), answer
        if answer:
            # That is refused for want of nothing.
            nl.unwatch(number(answer[0], WATCH_ID))
    walked('watch', 100, attempt)
    in_order(puppet.pid)


def test_subscribe():
    """watch, one more subscriber: it is one, or the others are all"""
    puppet, first, nl = Puppet(), socket(), socket()
    watch = first.watch(puppet.pid, SMALLEST_RING)

    def subscribers():
        return sum(kind == netlink.WATCH_SUBSCRIBER for kind, _ in first.watches()[watch])

    def attempt():
        answer = granted(nl.ask, WATCH, u32(WATCH_PID, puppet.pid))
        assert subscribers() == 1 + bool(answer)
        if answer:
            nl.unwatch(watch)
    walked('a subscriber', 3, attempt)
    puppet.mmap(PAGE)
    assert number(first.events()[0], netlink.EVENT_SEQ) == 1
    first.unwatch(watch)
    in_order(puppet.pid)


def test_unwatch():
    """unwatch: whatever fails, it is done"""
    puppet, nl = Puppet(), socket()
    watch = 0

    def before():
        nonlocal watch
        watch = nl.watch(puppet.pid, SMALLEST_RING)

    def attempt():
        nl.ask(UNWATCH, u32(WATCH_ID, watch))
        assert not nl.watches()
    walked('unwatch', 0, attempt, before)
    in_order(puppet.pid)


def test_lists():
    """watch-get, process-get and thread-get"""
    puppet, events, nl = Puppet(threads=4), socket(), socket()
    watch = events.watch(puppet.pid, SMALLEST_RING, follow=True)
    for what, least, count, args in (
            ('watch-get', 0, 1, (WATCH_GET, b'')), ('process-get', 2, 1, (PROCESS_GET, u32(PROCESS_WATCH_ID, watch))),
            ('thread-get', 1, 4, (THREAD_GET, u32(THREAD_PID, puppet.pid)))):
        def attempt(count=count, args=args):
            answer = granted(nl.ask, *args, F_DUMP)
            assert answer is None or len(answer) == count, answer
        walked(what, least, attempt)
    processes = nl.ask(PROCESS_GET, u32(PROCESS_WATCH_ID, watch), F_DUMP)
    assert [number(attrs, PROCESS_PID) for attrs in processes] == [puppet.pid]
    events.unwatch(watch)
    in_order(puppet.pid)


def test_mark():
    """mark, by a request and by debugfs: it is among the events, or it is refused"""
    puppet, events, nl = Puppet(), socket(), socket()
    watch = events.watch(puppet.pid, SMALLEST_RING)
    marks = 0

    def attempt():
        nonlocal marks
        marks += granted(nl.ask, MARK, u32(EVENT_PID, puppet.pid) + attr(EVENT_TEXT, b'text\0')) is not None
    walked('mark', 0, attempt)
    assert nl.events_so_far(watch) == marks
    own = events.watch(os.getpid(), SMALLEST_RING)
    text = os.open(debugfs.FOLDER + '/mark', os.O_WRONLY)
    defer(os.close, text)

    def write():
        before = nl.events_so_far(own)
        try:
            written = os.write(text, b'text')
        except OSError as error:
            # The text could not be read.
            assert error.errno == errno.EFAULT
            written = 0
        assert nl.events_so_far(own) >= before + bool(written)
    walked('a write to debugfs', 1, write)
    events.unwatch(own)
    events.unwatch(watch)
    in_order(puppet.pid)


def test_debugfs():
    """the file of a process: it is read as a whole, or not opened"""
    puppet = Puppet()
    named(puppet)
    until(lambda: debugfs.exists(puppet.pid), 'its file appears')

    def attempt():
        try:
            text = debugfs.read(puppet.pid)
        except OSError as error:
            assert error.errno == errno.ENOMEM, error
        else:
            assert debugfs.lines(debugfs.parse(text)[1]) == procfs.maps(puppet.pid)
    walked('a file of debugfs', 8, attempt)
    in_order(puppet.pid)


def test_nothing_left():
    """no memory at all: each request that needs some is refused, unwatch is not"""
    puppet, nl = Puppet(), socket()
    until(lambda: debugfs.exists(puppet.pid), 'its file appears')
    watch = nl.watch(puppet.pid, SMALLEST_RING)
    with failing():
        for cmd, attrs, flags in ((MM_GET, u32(MM_PID, puppet.pid), 0), (REGION_GET, u32(MM_PID, puppet.pid), F_DUMP),
                                  (THREAD_GET, u32(THREAD_PID, puppet.pid), F_DUMP),
                                  (PROCESS_GET, u32(PROCESS_WATCH_ID, watch), F_DUMP),
                                  (WATCH, u32(WATCH_PID, os.getpid()), 0)):
            assert granted(nl.ask, cmd, attrs, flags) is None, f'command {cmd} was granted'
        try:
            debugfs.read(puppet.pid)
        except OSError as error:
            assert error.errno == errno.ENOMEM, error
        else:
            raise AssertionError('its file was read')
        nl.unwatch(watch)
    in_order(puppet.pid)


def test_by_chance():
    """every second allocation fails by chance, in 200 rounds of requests"""
    puppet, nl = Puppet(), socket()
    named(puppet)
    refused = rounds = 0
    with failing(50):
        for rounds in range(1, 201):
            answer = granted(nl.ask, WATCH, u32(WATCH_PID, puppet.pid) + u32(WATCH_RING_SIZE, SMALLEST_RING))
            watch = answer and number(answer[0], WATCH_ID)
            in_step = u32(MM_WATCH_ID, watch) if watch else b''
            answers = [answer] + [granted(nl.ask, cmd, attrs, flags) for cmd, attrs, flags in (
                (MM_GET, u32(MM_PID, puppet.pid), 0), (REGION_GET, u32(MM_PID, puppet.pid) + in_step, F_DUMP),
                (THREAD_GET, u32(THREAD_PID, puppet.pid), F_DUMP))]
            refused += answers.count(None)
            if watch:
                nl.unwatch(watch)
    note(f'{refused} of {4 * rounds} requests were refused')
    assert 0 < refused < 4 * rounds
    in_order(puppet.pid)
