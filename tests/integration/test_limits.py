# SPDX-License-Identifier: GPL-2.0-only
"""What one may ask for is bounded, and what it costs is told."""
import errno
import os
import signal
import socket

from harness import build, client, kernel, netlink, procfs
from harness.netlink import SMALLEST_RING, WATCH, WATCH_LOSSLESS, WATCH_PID, Netlink, attr, refusal, u32
from harness.puppet import MAP_PRIVATE, PAGE, PROT_READ, Puppet
from harness.tap import Skip, defer, long, note
from harness.wait import until

WATCHES, SUBSCRIBERS, NAMESPACES = 4096, 256, 4
# Bytes of names for each byte of the ring.
NAMES = 4
# What a watch may use besides its ring and its regions.
OVERHEAD = 160 << 10


def watch_of(pid):
    watch, = (watch for watch in client.listed() if watch['pid'] == pid)
    return watch


def test_ring_size():
    """--ring-size: rounded up to a power of two, with units"""
    puppet = Puppet()
    for given, real in (('65536', 64 << 10), ('65537', 128 << 10), ('100K', 128 << 10), ('1m', 1 << 20),
                        ('64M', 64 << 20)):
        watch = client.Watch('-q', f'--ring-size={given}', puppet.pid).ready(puppet.pid)
        assert watch_of(puppet.pid)['ring_size'] == real, given
        watch.kill()
        netlink.none_left()


def test_ring_chosen():
    """the first who watches chooses the ring; who comes later and wants another is told"""
    puppet = Puppet()
    first = client.Watch('-q', '--ring-size=128K', puppet.pid).ready(puppet.pid)
    second = client.Watch('--ring-size=1M', puppet.pid)
    second.record()
    assert 'watched already' in second.stderr() and '131072' in second.stderr(), second.stderr()
    assert watch_of(puppet.pid)['ring_size'] == 128 << 10 and not first.stderr()


def test_memory():
    """the memory of a watch: its ring, its regions, its subscribers, and a little"""
    puppet = Puppet()
    used = {}
    for ring in SMALLEST_RING, 1 << 20:
        with Netlink() as nl:
            nl.watch(puppet.pid, ring)
            watch = watch_of(puppet.pid)
            used[ring] = watch['memory']
            assert ring < watch['memory'] < ring + OVERHEAD, watch
        netlink.none_left()
    assert used[1 << 20] - used[SMALLEST_RING] == (1 << 20) - SMALLEST_RING
    puppet.many_regions(10000)
    with Netlink() as nl, Netlink() as other:
        number = nl.watch(puppet.pid, SMALLEST_RING)
        # Its map is read with the first dump.
        nl.ask(netlink.REGION_GET, u32(netlink.MM_PID, puppet.pid) + u32(netlink.MM_WATCH_ID, number), netlink.F_DUMP)
        watch = watch_of(puppet.pid)
        assert watch['regions'] > 10000
        each = (watch['memory'] - used[SMALLEST_RING]) / watch['regions']
        assert 40 < each < 200, f'{each} bytes a region'
        other.watch(puppet.pid)
        assert 0 < watch_of(puppet.pid)['memory'] - watch['memory'] < 1024


def test_names():
    """very long names of files, in a ring that nobody reads: they are bounded, and counted; then the map comes anew"""
    # Nearly as long as open() takes them.
    folder = build.folder()
    for part in range(15):
        folder = os.path.join(folder, chr(ord('a') + part) * 200)
    os.makedirs(folder)
    with open(os.path.join(folder, 'file'), 'wb') as file:
        file.truncate(240 * PAGE)
    puppet = Puppet(before=lambda: os.chdir(folder))
    fd = puppet.open('file')
    with Netlink(receive_buffer=1) as deaf, Netlink() as ask:
        number = deaf.watch(puppet.pid, SMALLEST_RING)
        # As many as the ring holds for sure.
        for i in range(120):
            puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * i * PAGE)
        most = SMALLEST_RING * (1 + NAMES) + OVERHEAD + watch_of(puppet.pid)['regions'] * 200
        until(lambda: watch_of(puppet.pid)['memory'] > SMALLEST_RING * NAMES, 'names are in the ring')
        assert watch_of(puppet.pid)['memory'] < most, (watch_of(puppet.pid), most)
        last, told, incomplete = ask.events_so_far(number), 0, 0
        while told < last:
            for event in deaf.events():
                assert netlink.number(event, netlink.EVENT_LOST) is None
                told = netlink.number(event, netlink.EVENT_SEQ)
                flags = netlink.number(event, netlink.EVENT_FLAGS) or 0
                incomplete += bool(flags & netlink.EVENT_FLAG_INCOMPLETE)
        note(f'{incomplete} of {told} events without names')
        assert 0 < incomplete < told
    assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)


def test_subscribers():
    """a process with 256 subscribers: one more is refused, and the words say why; the others go on"""
    puppet = Puppet()
    sockets = [Netlink() for _ in range(SUBSCRIBERS)]
    defer(lambda: [nl.close() for nl in sockets])
    for nl in sockets:
        nl.watch(puppet.pid, SMALLEST_RING)
    assert len(watch_of(puppet.pid)['subscribers']) == SUBSCRIBERS
    with Netlink() as nl:
        said = refusal(nl.ask, WATCH, u32(WATCH_PID, puppet.pid))
        assert said.code == errno.ENOSPC and 'subscribers' in said.words and '256' in said.words, said
    result = client.run('watch', puppet.pid)
    assert result.status == client.ERROR and 'too many subscribers' in result.err and 'list' in result.err, result
    puppet.mmap(PAGE)
    for nl in sockets:
        assert [netlink.number(event, netlink.EVENT_SEQ) for event in nl.events()] == [1]
    # One goes: there is room for one.
    sockets.pop().close()
    until(lambda: len(watch_of(puppet.pid)['subscribers']) == SUBSCRIBERS - 1, 'it is gone')
    assert client.run('watch', '--duration=0.1', puppet.pid).status == client.DONE


def nested(levels):
    """Processes in pid namespaces, one within the other, each of which watches on demand. Returns how to talk to them,
    from the outermost on, and the process in the innermost one that they all see."""
    pairs = [socket.socketpair() for _ in range(levels)]
    ours, theirs = zip(*pairs)

    def at(level):
        """The process of a level; those in a namespace die with its first process."""
        os.unshare(os.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            watch_for(theirs[level])
            os.kill(pid, signal.SIGKILL)
        elif level + 1 < levels:
            at(level + 1)
        else:
            theirs[0].send(b'.')
            signal.pause()

    first = os.fork()
    if not first:
        try:
            for sock in ours:
                sock.close()
            at(0)
        finally:
            os._exit(0)
    for sock in theirs:
        sock.close()

    def end():
        for sock in ours:
            sock.close()
        os.waitpid(first, 0)
    defer(end)
    assert ours[0].recv(1) == b'.'
    innermost = max(procfs.live(), key=lambda pid: len((procfs.status(pid, 'NSpid') or '').split()))
    return ours, innermost


def watch_for(sock):
    """Watch the process whose id comes, and answer with the error and its words; until it is closed."""
    with Netlink() as nl:
        while data := sock.recv(16):
            try:
                nl.watch(int(data), SMALLEST_RING)
                sock.send(b'0')
            except netlink.Refused as refused:
                sock.send(f'{refused.code} {refused.words}'.encode())


def test_namespaces():
    """subscribers in more pid namespaces than a watch can tell ids for: refused, and the words say why"""
    levels, innermost = nested(NAMESPACES + 1)
    seen = procfs.status(innermost, 'NSpid').split()
    answers = []
    for sock, pid in zip(levels, seen):
        sock.send(pid.encode())
        answers.append(sock.recv(1000).decode())
    assert answers[:-1] == ['0'] * NAMESPACES, answers
    code, words = answers[-1].split(' ', 1)
    assert int(code) == errno.ENOSPC and 'namespaces' in words and str(NAMESPACES) in words, answers
    assert len(watch_of(innermost)['subscribers']) == NAMESPACES


def test_realtime():
    """on PREEMPT_RT no process waits: who asks for that is told so, by the module and by the client"""
    if not kernel.REALTIME:
        raise Skip('this is no PREEMPT_RT kernel')
    puppet = Puppet()
    with Netlink() as nl:
        said = refusal(nl.ask, WATCH, u32(WATCH_PID, puppet.pid) + attr(WATCH_LOSSLESS, b''))
        assert said.code == errno.EOPNOTSUPP and 'PREEMPT_RT' in str(said), said
    result = client.run('watch', '--lossless', puppet.pid)
    assert result.status == client.ERROR and 'PREEMPT_RT' in result.err, result
    netlink.none_left()


@long
def test_watches():
    """4096 watches: one more is refused, and the words say why; all of them end with their socket"""
    puppet = Puppet()
    # Two for each process: one that follows, and one that does not.
    pids = [puppet.fork() for _ in range(WATCHES // 2 + 1)]
    with Netlink() as nl, Netlink(family=False) as follow:
        follow.family = nl.family
        for pid in pids[:-1]:
            nl.watch(pid, SMALLEST_RING)
            follow.watch(pid, SMALLEST_RING, follow=True)
        said = refusal(nl.ask, WATCH, u32(WATCH_PID, pids[-1]))
        assert said.code == errno.ENOSPC and 'too many' in said.words and str(WATCHES) in said.words, said
        result = client.run('watch', pids[-1])
        assert result.status == client.ERROR and 'too many' in result.err and 'list' in result.err, result
        assert len(client.listed()) == WATCHES
        # Another subscriber of a watch that there is needs none.
        assert client.run('watch', '--duration=0.1', pids[0]).status == client.DONE
    netlink.none_left()
    assert client.run('watch', '--duration=0.1', pids[-1]).status == client.DONE

