# SPDX-License-Identifier: GPL-2.0-only
"""A subscriber that does not read: nobody else suffers, and it is told."""
import os
import signal

from harness import client, netlink, procfs, space
from harness.netlink import SMALLEST_RING
from harness.overrun import drain, flood, overrun
from harness.puppet import PAGE, PROT_READ, RW, Puppet, go_on, stop
from harness.tap import note
from harness.wait import until
from harness.workers import traced, works


def batch(puppet, addr, count=100):
    """Changes of one page, an event each. As many as the smallest ring holds for sure."""
    for _ in range(count // 2):
        puppet.call('mprotect', addr, PAGE, PROT_READ)
        puppet.call('mprotect', addr, PAGE, RW)


def test_raw():
    """a socket that never reads: the others get everything; when it reads, it is told how many it lost"""
    puppet = Puppet()
    addr = puppet.mmap(2 * PAGE)
    with netlink.Netlink(receive_buffer=1) as deaf, netlink.Netlink() as ask:
        number = deaf.watch(puppet.pid, SMALLEST_RING)
        watch = client.Watch(puppet.pid)
        kept = space.Space(watch.record())
        # Far more than its ring holds; the client is given the time to keep up.
        for _ in range(20):
            batch(puppet, addr)
            while kept.seq < ask.events_so_far(number):
                kept.apply(watch.record())
        assert kept.maps() == procfs.maps(puppet.pid)
        told, lost, overruns = read_all(deaf, number, ask.events_so_far(number))
        last = told + lost
        assert lost and last == 2000, (told, lost)
        note(f'{told} told, {lost} lost, in {overruns} overruns')
        counted = subscriber(deaf, ask, number)
        assert counted == (told, lost, overruns), counted
        # It dumps the map anew, and goes on from there.
        answer = ask.ask(netlink.REGION_GET, netlink.u32(netlink.MM_PID, puppet.pid) +
                         netlink.u32(netlink.MM_WATCH_ID, number), netlink.F_DUMP)
        assert netlink.number(answer[0], netlink.MM_SEQ) == last
        batch(puppet, addr, 2)
        events = []
        while len(events) < 2:
            events += deaf.events()
        assert [netlink.number(event, netlink.EVENT_SEQ) for event in events] == [last + 1, last + 2]


def test_ended():
    """the process ends before it is told: what is left comes, and with it how the process ended"""
    puppet = Puppet()
    addr = puppet.mmap(2 * PAGE)
    with netlink.Netlink(receive_buffer=1) as deaf, netlink.Netlink() as ask:
        number = deaf.watch(puppet.pid, SMALLEST_RING)
        for _ in range(20):
            batch(puppet, addr)
        puppet.end()
        until(lambda: ask.events_so_far(number) == 2001, 'it has ended')
        seq, flags, cause = 0, 0, None
        while not flags & netlink.EVENT_FLAG_END:
            for event in deaf.events():
                this, cause = (netlink.number(event, kind) for kind in (netlink.EVENT_SEQ, netlink.EVENT_CAUSE))
                missed = netlink.number(event, netlink.EVENT_LOST) if cause == netlink.CAUSE_OVERRUN else 1
                assert this == seq + missed, f'after {seq}, {this}, and {missed} missed'
                seq, flags = this, netlink.number(event, netlink.EVENT_FLAGS) or 0
        assert (seq, cause) == (2001, netlink.CAUSE_EXIT), (seq, cause)


def read_all(nl, number, until_seq):
    """Returns how many events came, how many were lost, and how often. None is without account."""
    told = lost = overruns = seq = 0
    while seq < until_seq:
        for event in nl.events():
            assert netlink.number(event, netlink.EVENT_WATCH_ID) == number
            this = netlink.number(event, netlink.EVENT_SEQ)
            if netlink.number(event, netlink.EVENT_CAUSE) == netlink.CAUSE_OVERRUN:
                missed = netlink.number(event, netlink.EVENT_LOST)
                assert missed and this == seq + missed, f'after {seq}, {missed} are lost up to {this}'
                lost += missed
                overruns += 1
            else:
                assert this == seq + 1, f'event {this} after {seq}'
                told += 1
            seq = this
    return told, lost, overruns


def subscriber(nl, ask, number):
    """Sent, lost and overruns of a socket, as the module counts them."""
    for kind, data in ask.watches()[number]:
        attrs = netlink.parse(data) if kind == netlink.WATCH_SUBSCRIBER else []
        if attrs and netlink.number(attrs, netlink.SUBSCRIBER_PORTID) == nl.sock.getsockname()[0]:
            return tuple(netlink.number(attrs, kind) for kind in (
                netlink.SUBSCRIBER_SENT, netlink.SUBSCRIBER_LOST, netlink.SUBSCRIBER_OVERRUNS))
    return None


def test_target():
    """the target is not delayed by it"""
    puppet = Puppet()
    addr = puppet.mmap(2 * PAGE)
    with netlink.Netlink(receive_buffer=1) as deaf:
        deaf.watch(puppet.pid, SMALLEST_RING)
        # Were it to wait for the socket, it would wait for ever.
        batch(puppet, addr, 4000)
    netlink.none_left()


def test_client():
    """a client that is stopped is overrun; when it goes on it says so, reads the map anew, and has it right"""
    puppet = Puppet()
    with netlink.Netlink() as first:
        number = first.watch(puppet.pid, SMALLEST_RING)
        watch = client.Watch(puppet.pid)
        kept = space.Space(watch.record())
        watch.small_socket()
        stop(watch.pid)
        while not overrun(number, watch.pid):
            flood(puppet)
            drain(first)
        puppet.mmap(3 * PAGE, PROT_READ)
        go_on(watch.pid)
        lost = follow(watch, kept, first, number)
        assert lost and all(record['reason'] == 'overrun' and record['missed'] for record in lost), lost
        note(f'{[record["missed"] for record in lost]} of {kept.seq} missed')
        assert kept.maps() == procfs.maps(puppet.pid)
        puppet.mmap(PAGE, RW)
        lost = follow(watch, kept, first, number)
        assert not lost and kept.maps() == procfs.maps(puppet.pid)
    puppet.end()
    assert watch.rest()[-1]['type'] == 'exit' and watch.wait() == client.DONE
    assert ', 0 missed' not in watch.stderr()


def test_client_ended():
    """a client that is stopped until the process has ended: each event was shown, or is told as missed"""
    puppet = Puppet()
    with netlink.Netlink() as first:
        number = first.watch(puppet.pid, SMALLEST_RING)
        watch = client.Watch(puppet.pid)
        began = watch.record()['seq']
        watch.small_socket()
        stop(watch.pid)
        while not overrun(number, watch.pid):
            flood(puppet)
            drain(first)
        puppet.end()
        go_on(watch.pid)
        records = watch.rest()
    missed = [record['missed'] for record in records if record['type'] == 'lost']
    shown = sum(record['type'] == 'event' for record in records)
    note(f'{shown} shown, {missed} missed')
    assert missed and records[-1]['type'] == 'exit', records[-3:]
    assert records[-1]['seq'] == began + shown + sum(missed) + 1, records[-1]
    assert watch.wait() == client.DONE and f', {sum(missed)} missed' in watch.stderr()


def test_lost_fork():
    """a child whose fork was lost, and that does nothing: the client has its map when it goes on"""
    puppet = Puppet()
    with netlink.Netlink() as first:
        number = first.watch(puppet.pid, SMALLEST_RING, follow=True)
        watch = client.Watch('-f', puppet.pid)
        watch.record()
        watch.small_socket()
        stop(watch.pid)
        while not overrun(number, watch.pid):
            flood(puppet)
            drain(first)
        child = puppet.fork()
        # Its socket is full: until the ring has gone round some times, the fork with it.
        with netlink.Netlink() as ask:
            forked = ask.events_so_far(number)
            while ask.events_so_far(number) < forked + 3000:
                flood(puppet)
                drain(first)
        go_on(watch.pid)
        while True:
            record = watch.record()
            drain(first)
            assert record.get('cause') != 'fork', 'the fork was not lost; this test is wrong'
            if record['type'] == 'map' and record['pid'] == child:
                break
        assert space.Space(record).maps() == procfs.maps(child)


def follow(watch, kept, nl, number):
    """Apply what comes until it is all. Returns the records of loss."""
    lost = []
    with netlink.Netlink() as ask:
        last = ask.events_so_far(number)
    while kept.seq < last:
        record = watch.record()
        if record['type'] == 'lost':
            lost.append(record)
            kept.take(watch.record())
        else:
            kept.apply(record)
        drain(nl)
    return lost


def test_many_sockets():
    """100 sockets that never read, on one process: one that reads gets everything"""
    puppet = Puppet()
    addr = puppet.mmap(2 * PAGE)
    deaf = [netlink.Netlink(receive_buffer=1) for _ in range(100)]
    try:
        for nl in deaf:
            nl.watch(puppet.pid, SMALLEST_RING)
        watch = client.Watch('-q', '--count=100', puppet.pid).ready(puppet.pid)
        batch(puppet, addr, 100)
        assert [event['seq'] for event in watch.rest()] == list(range(1, 101))
        os.kill(puppet.pid, signal.SIGKILL)
    finally:
        for nl in deaf:
            nl.close()
    netlink.none_left()


def test_stalled():
    """a socket that never reads, on 50 processes: no worker is kept busy; when it reads, each goes on"""
    path = traced()
    puppets = [Puppet() for _ in range(50)]
    with netlink.Netlink(receive_buffer=1) as deaf:
        missing = {deaf.watch(puppet.pid, SMALLEST_RING) for puppet in puppets}
        for puppet in puppets:
            puppet.mmap(PAGE)
        # At first they deliver what has room, or try it.
        works(path)
        ran = works(path)
        assert 'vasmon_deliver_work' not in ran, ran
        while missing:
            missing -= {netlink.number(event, netlink.EVENT_WATCH_ID) for event in deaf.events()}
