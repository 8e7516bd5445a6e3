# SPDX-License-Identifier: GPL-2.0-only
"""Allocations fail while events are made and brought to who asked: the map comes right, and what is lost is told."""
import itertools


from failing import LISTS, MESSAGES, REQUESTS, failing, walk
from harness import client, debugfs, netlink, procfs
from harness.build import new_file
from harness.churn import Churn
from harness.followed import Followed
from harness.netlink import SMALLEST_RING
from harness.puppet import CLONE_VM, MAP_PRIVATE, PAGE, PROT_READ, RW, Puppet, go_on, kill, stop
from harness.tap import note
from harness.wait import until


class Healed(Followed):
    """A process and its children under watch, of which events may be lost if that is told."""

    def __init__(self, pid, *options):
        super().__init__(pid, *options)
        self.lost = []
        self.marked = None
        self.changes = 0

    def take(self, record):
        if record['type'] == 'lost':
            self.lost.append(record['reason'])
            return
        if record['type'] == 'map' and 'seq' not in record:
            # Of a program that is just being started: another one will come.
            return
        if record.get('cause') == 'mark':
            self.marked = record['text']
        elif record['type'] == 'event':
            self.changes += 1
        seq, pid = self.seq, record['pid']
        if record['type'] == 'event' and record['seq'] <= seq and self.spaces[pid].seq < record['seq']:
            # The map of another process, taken anew, is newer.
            self.seq = record['seq'] - 1
        super().take(record)
        self.seq = max(self.seq, seq)

    def read(self):
        """Read all there is: after maps that were taken anew their numbers do not tell, but a mark does."""
        pid = next(iter(self.spaces))
        for number in itertools.count():
            text = f'{pid} {self.seq} {number}'
            assert self.watch.process.poll() is None, f'the client ended: {self.watch.stderr()}'
            self.nl.ask(netlink.MARK, netlink.u32(netlink.EVENT_PID, pid) +
                        netlink.attr(netlink.EVENT_TEXT, text.encode() + b'\0'))
            self.events()
            # It may have been lost itself.
            if self.marked == text:
                break

    def sent(self):
        """How many events were delivered to the client."""
        subscriber, = (one for one in self.listed()['subscribers'] if one['pid'] == self.watch.pid)
        return subscriber['sent']

    def settle(self, *pids):
        """There is memory again: of these the maps come right. Returns why maps were taken anew."""
        self.read()
        self.compare(*pids)
        lost, self.lost = self.lost, []
        return lost


def goes_on(followed, *puppets):
    """All is as if nothing had been."""
    for puppet in puppets:
        puppet.mmap(3 * PAGE, PROT_READ)
        puppet.call('brk', puppet.brk() + 5000)
    lost = followed.settle(*(puppet.pid for puppet in puppets))
    assert not lost, lost


def test_delivery():
    """nothing can be sent: the ring keeps it, and all of it comes later"""
    puppet = Puppet()
    followed = Healed(puppet.pid)
    followed.settle(puppet.pid)
    before = followed.sent()
    with failing(sparing=REQUESTS):
        for _ in range(20):
            puppet.mmap(PAGE, PROT_READ)
            puppet.call('brk', puppet.brk() + 5000)
        assert followed.sent() == before, 'this test is wrong: something was sent'
    assert not followed.settle(puppet.pid)
    assert followed.changes == 40
    goes_on(followed, puppet)


def test_names():
    """names of files can not be had: the event says that it is incomplete, and the map is taken anew"""
    puppet = Puppet()
    followed = Healed(puppet.pid)
    fds = [puppet.open(new_file(f'unnamed-{number}')) for number in range(3)]
    followed.settle(puppet.pid)
    before = followed.sent()
    # It is not to ask yet.
    stop(followed.watch.pid)
    with failing(sparing=MESSAGES):
        for fd in fds:
            puppet.mmap(2 * PAGE, PROT_READ, MAP_PRIVATE, fd)
        until(lambda: followed.sent() == before + len(fds), 'the events are sent')
    go_on(followed.watch.pid)
    lost = followed.settle(puppet.pid)
    assert lost and set(lost) == {'incomplete'}, lost
    goes_on(followed, puppet)


def test_every():
    """of the worker's allocations each second, third, ... fails: all comes, or the map is taken anew"""
    puppet = Puppet()
    followed = Healed(puppet.pid)
    fd = puppet.open(new_file('every'))
    taken = 0
    for every in (2, 3, 4, 5, 7, 11):
        with failing(every=every, sparing=REQUESTS):
            for _ in range(20):
                place = puppet.mmap(4 * PAGE, PROT_READ, MAP_PRIVATE, fd)
                puppet.call('mprotect', place + PAGE, PAGE, RW)
                puppet.call('munmap', place, 4 * PAGE)
        taken += len(followed.settle(puppet.pid))
    note(f'{taken} maps were taken anew')
    assert taken
    goes_on(followed, puppet)


def test_regions():
    """there are more regions than there was memory to keep in mind: said, and the map is taken anew"""
    puppet = Puppet()
    followed = Healed(puppet.pid)
    with failing(sparing=REQUESTS):
        puppet.many_regions(400)
    lost = followed.settle(puppet.pid)
    assert lost and set(lost) <= {'resync', 'incomplete', 'overrun'}, lost
    goes_on(followed, puppet)


def test_children():
    """children for which there is no memory: counted, and said; those that come later are followed"""
    puppet = Puppet(children=3)
    followed = Healed(puppet.pid)
    followed.settle(puppet.pid)
    with failing(sparing=REQUESTS):
        born = [puppet.fork() for _ in range(4)]
        until(lambda: followed.listed().get('unfollowed'), 'some are not followed')
    listed = followed.listed()
    unfollowed = listed['unfollowed']
    assert listed['processes'] + unfollowed == 5, listed
    with netlink.Netlink() as nl:
        known = {netlink.number(attrs, netlink.PROCESS_PID) for attrs in nl.ask(
            netlink.PROCESS_GET, netlink.u32(netlink.PROCESS_WATCH_ID, followed.number), netlink.F_DUMP)}
    lost = followed.settle(*known)
    assert 'resync' in lost and known < {puppet.pid, *born}, (lost, known)
    for pid in born:
        kill(pid)
    until(lambda: followed.listed()['processes'] == 1, 'they are gone')
    followed.events()
    children = [puppet.child() for _ in range(3)]
    followed.events()
    goes_on(followed, puppet, *children)
    assert followed.listed()['unfollowed'] == unfollowed


def test_fork():
    """each allocation of a fork that is followed fails once: the child's map is exact"""
    puppet = Puppet()
    # Some more regions than a space has room for from the beginning.
    puppet.many_regions(70)
    followed = Healed(puppet.pid)
    reasons = []

    def attempt():
        child = puppet.fork()
        reasons.extend(followed.settle(puppet.pid, child))
        kill(child)
        until(lambda: followed.listed()['processes'] == 1, 'the child is gone')
        followed.events()
    count = walk(puppet.pid, attempt)
    note(f'{count} allocations, {len(reasons)} maps were taken anew')
    assert count >= 5 and set(reasons) <= {'incomplete', 'resync'}, (count, reasons)
    goes_on(followed, puppet)


def test_exec():
    """a program for whose map there is no memory: its map comes later, and its changes from then on"""
    puppet = Puppet()
    followed = Healed(puppet.pid)
    followed.settle(puppet.pid)
    for _ in range(3):
        with failing(sparing=REQUESTS):
            two_programs(puppet)
        until(lambda: settled(followed, puppet.pid), 'its map is that of the new program')
        assert followed.lost
        followed.lost = []
        goes_on(followed, puppet)


def two_programs(puppet):
    """The first one has what was kept ready."""
    for _ in range(2):
        puppet.begin_exec(puppet.path, puppet.args)
        puppet.greet()


def test_exec_asked_early():
    """the same, and the client asks for the map while there is still no memory to keep it"""
    puppet = Puppet()
    followed = Healed(puppet.pid)
    followed.settle(puppet.pid)
    stop(followed.watch.pid)
    with failing():
        two_programs(puppet)
        # From here on no other.
        with failing(within='vasmon_watch_rebind'):
            go_on(followed.watch.pid)
            while followed.watch.record()['type'] != 'map':
                pass
    until(lambda: settled(followed, puppet.pid), 'its map is that of the new program')
    followed.lost = []
    goes_on(followed, puppet)


def settled(followed, pid):
    """Follow to here; is the map exact?"""
    followed.read()
    return followed.spaces[pid].maps() == procfs.maps(pid)


def causes(nl, number):
    """Cause and process of each event of a watch up to now."""
    with netlink.Netlink() as ask:
        last = ask.events_so_far(number)
    found, seq = [], 0
    while seq < last:
        for event in nl.events():
            seq = netlink.number(event, netlink.EVENT_SEQ)
            found.append((netlink.number(event, netlink.EVENT_CAUSE), netlink.number(event, netlink.EVENT_PID)))
    return found


def test_exec_of_vfork():
    """a child of vfork starts a program for which there is no memory, and exits: both is told"""
    puppet = Puppet()
    path, args = puppet.poke(b'/bin/true'), puppet.words(['/bin/true'])
    with netlink.Netlink() as nl:
        number = nl.watch(puppet.pid, follow=True)
        with failing(sparing=REQUESTS):
            _, pid = puppet.vfork_call('execve', path, args, 0)
        found = [cause for cause, of in causes(nl, number) if of == pid]
    assert found == [netlink.CAUSE_RESYNC, netlink.CAUSE_EXIT], found


def test_exec_of_one_who_shares():
    """one of three that share a map starts such a program, then the first exits: it is the other one that reports it"""
    puppet = Puppet(children=2)
    path, args = puppet.poke(b'/bin/sleep'), puppet.words(['/bin/sleep', '1000'])
    with netlink.Netlink() as nl, netlink.Netlink() as ask:
        number = nl.watch(puppet.pid, follow=True)
        gone, stays = (puppet.child(flags=CLONE_VM) for _ in range(2))
        with failing(sparing=REQUESTS):
            # It has what was kept ready.
            puppet.fork()
            before = ask.events_so_far(number)
            gone.begin('execve', path, args, 0)
            until(lambda: ask.events_so_far(number) > before, 'it starts a program')
            puppet.process.kill()
            puppet.process.wait()
            stays.mmap(PAGE)
        found = causes(nl, number)
    told = [event for event in found if event[0] in (netlink.CAUSE_FORK, netlink.CAUSE_SYSCALL)]
    assert told == [(netlink.CAUSE_FORK, stays.pid), (netlink.CAUSE_SYSCALL, stays.pid)], found


def test_lossless():
    """there is no memory to wait for a slow subscriber: the process goes on, and the loss is told"""
    puppet = Puppet()
    place = puppet.mmap(2 * PAGE)
    with netlink.Netlink(receive_buffer=1) as deaf, netlink.Netlink() as ask:
        watch = deaf.watch(puppet.pid, SMALLEST_RING, lossless=True)
        with failing(sparing=REQUESTS):
            for _ in range(1000):
                puppet.call('mprotect', place, PAGE, PROT_READ)
                puppet.call('mprotect', place, PAGE, RW)
        seq = lost = 0
        while seq < ask.events_so_far(watch):
            for event in deaf.events():
                seq = netlink.number(event, netlink.EVENT_SEQ)
                lost += netlink.number(event, netlink.EVENT_LOST) or 0
        assert lost and seq == 2000, (lost, seq)
    note(f'{lost} of {seq} events were lost')


def test_by_chance():
    """every third allocation fails by chance while two processes change their maps at random: both come right"""
    churns = [Churn(seed, 1500, 2) for seed in (1, 2)]
    followed = [Healed(churn.pid) for churn in churns]
    with failing(33, sparing=REQUESTS):
        for churn in churns:
            churn.tell()
        for churn in churns:
            assert churn.process.stdout.read(1) == b'.'
    for one, churn in zip(followed, churns):
        until(lambda one=one, churn=churn: settled(one, churn.pid), 'the map is exact')
        note(f'{one.seq} events; maps were taken anew because of {sorted(set(one.lost))}, {len(one.lost)} times')
    assert any(one.lost for one in followed)


def test_files():
    """processes that are born while there is no memory: their files in debugfs come later"""
    # For the list of them, and where there is one, for a file.
    for sparing in None, LISTS:
        with failing(sparing=sparing):
            puppets = [Puppet() for _ in range(5)]
            assert not any(debugfs.exists(puppet.pid) for puppet in puppets), 'this test is wrong: there was memory'
        # Without another process that comes or goes.
        until(lambda puppets=puppets: all(debugfs.exists(puppet.pid) for puppet in puppets), 'the files appear')
        for puppet in puppets:
            assert debugfs.lines(debugfs.parse(debugfs.read(puppet.pid))[1]) == procfs.maps(puppet.pid)


def test_client():
    """clients that begin when one in a hundred allocations fails: they end for want of memory, or their map is exact"""
    puppet = Puppet()
    ended = begun = 0
    while not (begun and ended):
        with failing(1):
            watch = client.Watch(puppet.pid)
            first = watch.record()
        if first is None:
            ended += 1
            assert watch.wait() == client.ERROR and 'memory' in watch.stderr(), watch.stderr()
            continue
        begun += 1
        puppet.mmap(PAGE, PROT_READ)
        event = watch.record()
        assert event['type'] == 'event' and event['seq'] == 1, event
        watch.kill()
        netlink.none_left()
    note(f'{begun} have begun, {ended} have not')
