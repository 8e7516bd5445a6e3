# SPDX-License-Identifier: GPL-2.0-only
"""A process waits for a subscriber that must lose nothing, and for nothing else."""
import errno
import os
import select
import signal
import socket

from harness import client, module, netlink, procfs, space
from harness.followed import Followed
from harness.netlink import SMALLEST_RING
from harness.puppet import ANON, CLONE_VFORK, PAGE, PROT_NONE, PROT_READ, Puppet, kill, stop
from harness.tap import defer
from harness.wait import TIMEOUT, until
from harness.workers import traced, works

# More changes than the smallest ring and a small socket hold together.
MANY = 2000
SO_RCVBUFFORCE = 33
# The system call.
POLL = 7
# A socket that has room for a third datagram, until that turns out to be too large.
TWO_DATAGRAMS = 20000


def held(pid, *tids):
    """Wait until these threads of a process wait for a subscriber."""
    def all_wait():
        return all(b'vasmon_throttle_work' in procfs.read(f'/proc/{pid}/task/{tid}/stack') for tid in tids or (pid,))
    until(all_wait, f'process {pid} waits')


def busy(puppet, count, thread=0):
    """Let it make so many changes, each an event of a page, without waiting for it."""
    puppet.begin('mmap', 0, PAGE, PROT_READ, ANON, -1, 0, count=count, thread=thread)


def deaf(puppet, size=1, **options):
    """A lossless subscription by a socket that holds next to nothing. Returns it, and the number of the watch."""
    nl = netlink.Netlink(receive_buffer=size)
    defer(nl.close)
    return nl, nl.watch(puppet.pid, SMALLEST_RING, lossless=True, **options)


def read_until(nl, seq, last):
    """Read events, each of which follows the one before, up to the last one. Returns that."""
    event = None
    while seq < last:
        for event in nl.events():
            assert netlink.number(event, netlink.EVENT_CAUSE) != netlink.CAUSE_OVERRUN
            assert netlink.number(event, netlink.EVENT_SEQ) == seq + 1, f'after {seq}'
            seq += 1
    return event


def read_end(nl, last, status):
    """Read events up to the last one, which tells how the process ended: status as waitpid(2) has it."""
    event = read_until(nl, 0, last)
    found = [netlink.number(event, kind) for kind in (netlink.EVENT_CAUSE, netlink.EVENT_FLAGS, netlink.EVENT_EXIT_CODE)]
    assert found == [netlink.CAUSE_EXIT, netlink.EVENT_FLAG_END, status], found


def test_nothing_is_lost():
    """a socket that is read very slowly gets each event of four threads; they waited for it"""
    for size in 1, TWO_DATAGRAMS:
        read_slowly(size)


def read_slowly(size):
    puppet = Puppet(threads=4)
    nl, number = deaf(puppet, size)
    for thread in range(4):
        busy(puppet, MANY // 4, thread)
    held(puppet.pid, *(thread.tid for thread in puppet.threads))
    last = read_until(nl, 0, MANY)
    for thread in range(4):
        assert puppet.answer(thread)[0] > 0
    assert netlink.number(last, netlink.EVENT_SEQ) == MANY, last
    with netlink.Netlink() as ask:
        said = until(lambda: [one for one in subscribers(ask, number) if one[netlink.SUBSCRIBER_SENT] == MANY],
                     'all is counted')[0]
    assert (said[netlink.SUBSCRIBER_LOST], said[netlink.SUBSCRIBER_OVERRUNS]) == (0, 0), said
    assert said[netlink.SUBSCRIBER_WAITS] >= 4, said


def subscribers(ask, number):
    """What the module says of each subscriber of a watch, by the numbers of the attributes."""
    return [{kind: int.from_bytes(data, 'little') for kind, data in netlink.parse(nest)}
            for kind, nest in ask.watches()[number] if kind == netlink.WATCH_SUBSCRIBER]


def test_client():
    """a client whose output nobody reads holds the process; when it is read, it shows each event"""
    puppet = Puppet()
    watch = client.Watch('--lossless', f'--ring-size={SMALLEST_RING}', puppet.pid)
    kept = space.Space(watch.record())
    watch.small_socket()
    busy(puppet, MANY)
    held(puppet.pid)
    while kept.seq < MANY:
        kept.apply(watch.record())
    assert puppet.answer()[0] > 0 and kept.maps() == procfs.maps(puppet.pid)
    watch.interrupt()
    assert watch.wait() == client.DONE and ' 0 missed' in watch.stderr(), watch.stderr()


def freed(let_go, other=None, threads=1):
    """The process goes on as soon as that is done. other: a socket that watches as well, and loses what it loses."""
    puppet = Puppet(threads)
    watch = client.Watch('--lossless', f'--ring-size={SMALLEST_RING}', puppet.pid).ready(puppet.pid).small_socket()
    if other:
        other.watch(puppet.pid)
    # Its pipe is full before long, for nothing reads.
    for thread in range(threads):
        busy(puppet, MANY, thread)
    held(puppet.pid, *(thread.tid for thread in puppet.threads))
    let_go(watch)
    for thread in range(threads):
        assert puppet.answer(thread)[0] > 0
    return puppet, watch


def test_client_killed():
    """the client is killed: all threads go on, also where the watch goes on for others"""
    freed(lambda watch: watch.process.kill(), threads=3)
    netlink.none_left()
    with netlink.Netlink() as other:
        freed(lambda watch: watch.process.kill(), other)
        assert netlink.watches()


def test_client_stopped():
    """the client is stopped, as by Ctrl-Z: all threads go on; when it goes on it says what it missed, and heals"""
    path = traced()

    def stop_late(watch):
        # By then nobody has anything left to do but to look for room.
        works(path)
        stop(watch.pid)
    puppet, watch = freed(stop_late, threads=3)
    watch.process.send_signal(signal.SIGCONT)
    kept = None
    lost = 0
    with netlink.Netlink() as ask:
        number = list(ask.watches())[0]
        last = ask.events_so_far(number)
    while not kept or kept.seq < last:
        record = watch.record()
        if record['type'] == 'map':
            kept = space.Space(record)
        elif record['type'] == 'lost':
            lost += record['missed']
        else:
            kept.apply(record)
    assert lost and kept.maps() == procfs.maps(puppet.pid)
    # From here on it is waited for again.
    busy(puppet, MANY)
    held(puppet.pid)
    watch.process.kill()
    assert puppet.answer()[0] > 0


def test_itself():
    """a process can not wait for itself"""
    with netlink.Netlink() as nl:
        said = netlink.refusal(nl.watch, os.getpid(), lossless=True)
        assert said.code == errno.EINVAL and 'itself' in said.words, said
        nl.unwatch(nl.watch(os.getpid()))
    netlink.none_left()


def test_unload():
    """rmmod while threads wait: they go on"""
    _, watch = freed(lambda watch: module.unload(), threads=3)
    watch.rest()
    assert watch.wait() == client.ERROR and 'unloaded' in watch.stderr(), watch.stderr()


def test_unwatch():
    """unwatch, or the socket closed: the process goes on"""
    def unwatch(nl, number):
        # The answer needs room as well.
        nl.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        nl.unwatch(number)

    def close(nl, _):
        nl.close()

    for end, others in (unwatch, 0), (unwatch, 1), (close, 0), (close, 1):
        puppet = Puppet()
        nl, number = deaf(puppet)
        other = netlink.Netlink()
        if others:
            other.watch(puppet.pid)
        busy(puppet, MANY)
        held(puppet.pid)
        end(nl, number)
        assert puppet.answer()[0] > 0
        nl.close()
        other.close()
    netlink.none_left()


def test_interrupted():
    """Ctrl-C, twice, for a client that nobody reads from: the process goes on"""
    puppet = Puppet()
    watch = client.Watch('--lossless', f'--ring-size={SMALLEST_RING}', puppet.pid).ready(puppet.pid).small_socket()
    # Its pipe is full before long, for this test does not read.
    busy(puppet, MANY)
    held(puppet.pid)
    # Of two files that are ready, for ever: out_wait(). How full a pipe is depends on the sizes that were written.
    until(lambda: procfs.syscall(watch.pid)[0:3:2] == [POLL, 2], 'the client waits for a reader')
    watch.interrupt()
    until(lambda: not int(procfs.status(watch.pid, 'ShdPnd'), 16), 'it has seen the first one')
    watch.interrupt()
    assert puppet.answer()[0] > 0
    # Part of a line may have been written.
    assert watch.wait() == client.ERROR and 'nobody read' in watch.stderr(), watch.stderr()


def test_killed():
    """a process that waits can be killed, and its end is told"""
    for number in signal.SIGKILL, signal.SIGTERM:
        puppet = Puppet(threads=3)
        nl, watch = deaf(puppet)
        for thread in range(3):
            busy(puppet, MANY, thread)
        held(puppet.pid, *(thread.tid for thread in puppet.threads))
        os.kill(puppet.pid, number)
        assert puppet.process.wait(TIMEOUT) == -number
        with netlink.Netlink() as ask:
            last = ask.events_so_far(watch)
        read_end(nl, last, number)
    netlink.none_left()


def test_stopped():
    """a process that waits can be stopped and looked at"""
    puppet = Puppet()
    nl, number = deaf(puppet)
    busy(puppet, MANY)
    held(puppet.pid)
    stop(puppet.pid)
    with netlink.Netlink() as ask:
        seq = ask.events_so_far(number)
        answer = ask.ask(netlink.REGION_GET, netlink.u32(netlink.MM_PID, puppet.pid) +
                         netlink.u32(netlink.MM_WATCH_ID, number), netlink.F_DUMP)
        assert netlink.number(answer[0], netlink.MM_SEQ) == seq
    assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)
    os.kill(puppet.pid, signal.SIGCONT)
    read_until(nl, 0, MANY)
    assert puppet.answer()[0] > 0


def test_others():
    """others are not affected: a second subscriber has all up to there, another process does not wait"""
    puppet, other = Puppet(), Puppet()
    nl, number = deaf(puppet)
    watch = client.Watch('--ring-size=64M', puppet.pid, other.pid)
    kept = {record['pid']: space.Space(record) for record in (watch.record(), watch.record())}
    busy(puppet, MANY)
    held(puppet.pid)
    other.call('mmap', 0, PAGE, PROT_READ, ANON, -1, 0, count=1000)
    with netlink.Netlink() as ask:
        last = {puppet.pid: ask.events_so_far(number), other.pid: 1000}
        assert last[puppet.pid] < MANY
    while any(kept[pid].seq < last[pid] for pid in last):
        record = watch.record()
        kept[record['pid']].apply(record)
    stop(puppet.pid)
    for pid, one in kept.items():
        assert one.maps() == procfs.maps(pid)
    nl.close()
    os.kill(puppet.pid, signal.SIGCONT)
    assert puppet.answer()[0] > 0


def test_slow_other():
    """beside a lossless subscriber that is read, another one that is not is overrun, and nobody waits for it"""
    puppet = Puppet()
    with netlink.Netlink(receive_buffer=1) as slow, netlink.Netlink() as nl:
        number = slow.watch(puppet.pid, SMALLEST_RING)
        assert nl.watch(puppet.pid, lossless=True) == number
        busy(puppet, 3000)
        assert netlink.number(read_until(nl, 0, 3000), netlink.EVENT_SEQ) == 3000
        assert puppet.answer()[0] > 0
        said = {one[netlink.SUBSCRIBER_PORTID]: one for one in subscribers(nl, number)}
        # It is told, and counted, when it reads.
        assert said[slow.sock.getsockname()[0]][netlink.SUBSCRIBER_SENT] < 3000
        assert said[nl.sock.getsockname()[0]][netlink.SUBSCRIBER_LOST] == 0


def test_child():
    """a child that is followed waits as well, is freed as well, and can be killed"""
    puppet = Puppet(children=2)
    nl, _ = deaf(puppet, follow=True)
    children = [puppet.child(), puppet.child()]
    for child in children:
        busy(child, MANY)
        held(child.pid)
    kill(children[0].pid)
    until(lambda: procfs.state(children[0].pid) == 'Z', 'it is gone')
    nl.close()
    assert children[1].answer()[0] > 0
    puppet.mmap(PAGE, PROT_NONE)


def vforked():
    """A process and its child that borrows the map, both waiting. Returns both, and the subscriber."""
    puppet = Puppet(threads=2)
    nl, _ = deaf(puppet)
    busy(puppet, MANY, thread=1)
    held(puppet.pid, puppet.threads[1].tid)
    # Many as well: while the socket still takes a little, one could slip through.
    puppet.begin_vfork('mmap', 0, PAGE, PROT_NONE, ANON, -1, 0, count=MANY)
    child, = until(lambda: procfs.children(puppet.pid), 'there is a child')
    held(child)
    return puppet, child, nl


def test_vfork():
    """a child that borrows the map waits, and who waits for it: both are freed"""
    puppet, child, nl = vforked()
    nl.close()
    ret, pid = puppet.answer()
    assert ret > 0 and pid == child and puppet.answer(1)[0] > 0


def test_vfork_killed():
    """a child that borrows the map waits, and who waits for it: both can be killed"""
    puppet, child, _ = vforked()
    kill(puppet.pid)
    assert puppet.process.wait(TIMEOUT) == -signal.SIGKILL
    kill(child)
    until(lambda: procfs.has_ended(child), 'it is gone')


def test_vfork_copy():
    """who waits for a child that has a copy of the map, as by clone(CLONE_VFORK), keeps rmmod from nothing"""
    puppet = Puppet(threads=2)
    deaf(puppet)
    busy(puppet, MANY, thread=1)
    held(puppet.pid, puppet.threads[1].tid)
    puppet.begin_fork(flags=CLONE_VFORK)
    child, = until(lambda: procfs.children(puppet.pid), 'there is a child')
    defer(kill, child)
    module.unload()
    assert not puppet.has_answered() and puppet.answer(1)[0] > 0
    kill(child)
    assert puppet.answer()[1] == child


def test_storm():
    """a process that forks as fast as it can, and its children, wait for a client with the smallest ring"""
    puppet = Puppet()
    followed = Followed(puppet.pid, '--lossless', f'--ring-size={SMALLEST_RING}')
    followed.watch.small_socket()
    puppet.begin_forks(60, 'mmap', 0, 33 * PAGE, PROT_READ, ANON, -1, 0)
    # Until then nothing is read, and its pipe is full before long.
    until(lambda: followed.listed()['subscribers'][0].get('waits'), 'one of them waits')
    while len(followed.exits) < 60:
        followed.take(followed.watch.record())
    assert puppet.answer() == (0, 0) and followed.seq == 180
    followed.compare(puppet.pid)


def test_exec():
    """a thread starts a program while another one waits: that one ends, and all is told in order"""
    puppet = Puppet(threads=2)
    nl, number = deaf(puppet)
    busy(puppet, MANY, thread=1)
    held(puppet.pid, puppet.threads[1].tid)
    puppet.begin_exec(puppet.path, puppet.arguments(1, puppet.threads[:1]))
    until(lambda: procfs.tids(puppet.pid) == [puppet.pid], 'the other thread is gone')
    causes = []
    with netlink.Netlink() as ask:
        # It goes on as it is read, and what its loader does comes behind.
        while not select.select([puppet.threads[0].read], [], [], 0)[0] or len(causes) < ask.events_so_far(number):
            try:
                events = nl.events(timeout=0.05)
            except TimeoutError:
                continue
            for event in events:
                causes.append(netlink.number(event, netlink.EVENT_CAUSE))
                assert netlink.number(event, netlink.EVENT_SEQ) == len(causes)
    puppet.threads = puppet.threads[:1]
    puppet.greet()
    assert netlink.CAUSE_EXEC in causes and netlink.CAUSE_OVERRUN not in causes, causes
    assert puppet.mmap(PAGE)


def test_exit():
    """a process exits while the subscriber is far behind: it does not wait, and all is told"""
    puppet = Puppet(threads=2)
    nl, number = deaf(puppet)
    busy(puppet, MANY, thread=1)
    held(puppet.pid, puppet.threads[1].tid)
    puppet.begin('exit_group', 5)
    assert puppet.process.wait(TIMEOUT) == 5
    with netlink.Netlink() as ask:
        last = ask.events_so_far(number)
    read_end(nl, last, 5 << 8)
    netlink.none_left()
