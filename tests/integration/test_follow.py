# SPDX-License-Identifier: GPL-2.0-only
"""watch -f: children, from their first instruction on."""
import mmap
import os
import signal
import socket

from harness import build, client, kernel, netlink, procfs
from harness.followed import Followed
from harness.netlink import SMALLEST_RING
from harness.puppet import (ANON, CLONE_VM, MAP_NORESERVE, PAGE, PROT_NONE, PROT_READ, RW, Puppet, go_on, kill,
                            stop)
from harness.tap import defer, long
from harness.wait import until

DONTFORK, WIPEONFORK = 10, 18
CLONE_NEWPID = 0x20000000
# Changes; more than are made before there is enough of them.
ENDLESS = 1 << 20


def heads(records):
    """Of each record what it is, of whom, and by whom."""
    return [(record.get('cause'), record['pid'], record.get('tid'), record.get('syscall', {}).get('name'))
            for record in records]


def test_first_instruction():
    """a child's first call is seen, and what it begins with is the map that fork gave it"""
    puppet = Puppet(children=1)
    # What a child does not get, or gets otherwise.
    addr = puppet.mmap(12 * PAGE)
    puppet.call('madvise', addr + PAGE, PAGE, DONTFORK)
    puppet.call('madvise', addr + 3 * PAGE, PAGE, WIPEONFORK)
    puppet.call('mlock', addr + 5 * PAGE, PAGE)
    puppet.call('brk', puppet.brk() + 10000)
    followed = Followed(puppet.pid)
    child = puppet.child('mmap', 0, 77 * PAGE, PROT_READ, ANON, -1, 0)
    fork, mmap = followed.events()
    assert heads([fork, mmap]) == [
        ('fork', child.pid, puppet.pid, 'clone'), ('syscall', child.pid, child.pid, 'mmap')]
    assert (fork['tgid'], fork['window']) == (puppet.pid, {'start': '0x0', 'end': hex((1 << 64) - 1)})
    assert not fork['old'] and mmap['syscall']['args'][1] == hex(77 * PAGE) and mmap['delta'] == 77 * PAGE
    # But for the memory that is not inherited it has all the parent has.
    parents = {region.start for region in followed.spaces[puppet.pid].regions}
    assert parents - {int(region['start'], 16) for region in fork['new']} == {addr + PAGE}
    flags = {int(region['start'], 16): region.get('traits', []) for region in fork['new']}
    assert flags[addr + 3 * PAGE] == ['wipe-on-fork'] and 'locked' not in flags.get(addr + 5 * PAGE, [])
    followed.compare(puppet.pid, child.pid)
    assert followed.listed()['processes'] == 2


def test_family():
    """children and grandchildren, until the last one has exited"""
    puppet = Puppet(children=3)
    followed = Followed(puppet.pid)
    child = puppet.child(children=1)
    grandchild, other = child.child(), puppet.child()
    family = [puppet, child, grandchild, other]
    pids = [one.pid for one in family]
    followed.events()
    followed.compare(*pids)
    for round_ in range(3):
        for one in family:
            addr = one.mmap((4 + round_) * PAGE)
            one.call('mprotect', addr, PAGE, PROT_READ)
            one.call('brk', one.brk() + 5000)
            events = followed.events()
            assert [(event['pid'], event['tid']) for event in events] == [(one.pid, one.pid)] * 3, events
    followed.compare(*pids)
    # The one that was asked for goes first; its children stay.
    puppet.end()
    until(lambda: followed.listed()['processes'] == 3, 'it exits')
    record = followed.events()[-1]
    assert record['type'] == 'exit' and record['pid'] == puppet.pid and not record.get('end'), record
    grandchild.mmap(PAGE)
    followed.events()
    followed.compare(*pids[1:])
    for one in child, grandchild, other:
        kill(one.pid)
    followed.rest()
    assert set(followed.exits) == set(pids)
    assert [pid for pid, record in followed.exits.items() if record.get('end')] == list(followed.exits)[-1:]
    assert all(record['signal'] == signal.SIGKILL for record in followed.exits.values())
    assert followed.watch.wait() == client.DONE
    netlink.none_left()


def test_namespace():
    """a child in a pid namespace of its own, and its child: they have the ids that the client's namespace gave them"""
    puppet = Puppet(children=1)
    followed = Followed(puppet.pid)
    child = puppet.child(flags=CLONE_NEWPID)
    assert child.threads[0].tid == 1, 'an id of its own'
    child.begin_forks(1, 'mmap', 0, 3 * PAGE, PROT_READ, ANON, -1, 0)
    assert child.answer() == (0, 0)
    until(lambda: followed.listed()['processes'] == 2, 'it has exited')
    records = followed.events()
    inner = records[1]['pid']
    assert inner not in (1, 2, child.pid) and heads(records) == [
        ('fork', child.pid, puppet.pid, 'clone'), ('fork', inner, child.pid, 'fork'),
        ('syscall', inner, inner, 'mmap'), ('exit', inner, inner, None)], records
    child.mmap(PAGE)
    assert heads(followed.events()) == [('syscall', child.pid, child.pid, 'mmap')]
    followed.compare(puppet.pid, child.pid)


def test_exec():
    """a child starts a program: one event has its map, and goes on from there"""
    puppet = Puppet(children=1)
    followed = Followed(puppet.pid)
    child = puppet.child()
    followed.events()
    before = procfs.maps(child.pid)
    child.begin_exec(child.path, child.args)
    child.greet()
    exec_, *later = followed.events()
    assert heads([exec_]) == [('exec', child.pid, child.pid, 'execve')], exec_
    assert len(exec_['old']) == len(before.splitlines())
    # The loader at work.
    assert later and {event['pid'] for event in later} == {child.pid}
    followed.compare(puppet.pid, child.pid)
    child.mmap(PAGE)
    puppet.mmap(PAGE)
    assert [event['pid'] for event in followed.events()] == [child.pid, puppet.pid]
    followed.compare(puppet.pid, child.pid)


def test_vfork():
    """a child that borrows the map: its changes are its parent's stream; it is nobody until it starts a program"""
    kernel.need_allocating_probes()
    puppet = Puppet()
    followed = Followed(puppet.pid)
    _, pid = puppet.vfork_call('mmap', 0, 4 * PAGE, RW, ANON, -1, 0)
    assert heads(followed.events()) == [('syscall', puppet.pid, pid, 'mmap')]
    followed.compare(puppet.pid)
    path = puppet.poke(b'/bin/true')
    _, pid = puppet.vfork_call('execve', path, puppet.words(['/bin/true']), 0)
    records = followed.events()
    assert heads(records[:1]) == [('exec', pid, pid, 'execve')] and records[-1]['type'] == 'exit', records
    assert {record['pid'] for record in records} == {pid} and records[-1]['exit_status'] == 0
    followed.compare(puppet.pid)
    puppet.mmap(PAGE)
    followed.events()
    followed.compare(puppet.pid)


def test_shared():
    """a child that shares the map for good: one stream, two actors; then it starts a program"""
    puppet = Puppet(children=1)
    followed = Followed(puppet.pid)
    child = puppet.child(flags=CLONE_VM)
    events = followed.events()
    assert not events, events
    for one in puppet, child, puppet, child:
        one.mmap(3 * PAGE, PROT_READ)
        event, = followed.events()
        assert (event['pid'], event['tid'], event['tgid']) == (puppet.pid, one.pid, one.pid), event
    followed.compare(puppet.pid)
    child.begin_exec(child.path, child.args)
    child.greet()
    followed.events()
    followed.compare(puppet.pid, child.pid)


def test_inherited():
    """a child that shares the map outlives its parent: it goes on with the map as its own"""
    puppet = Puppet(children=1)
    followed = Followed(puppet.pid)
    child = puppet.child(flags=CLONE_VM)
    child.mmap(3 * PAGE, PROT_READ)
    followed.events()
    kill(puppet.pid)
    until(lambda: followed.events() and puppet.pid in followed.exits, 'the parent exits')
    assert set(followed.exits) == {puppet.pid}
    followed.compare(child.pid)
    child.mmap(5 * PAGE, PROT_NONE)
    assert heads(followed.events()) == [('syscall', child.pid, child.pid, 'mmap')]
    followed.compare(child.pid)


def test_at_once():
    """a child that exits with its first call: its map, and how it ended"""
    puppet = Puppet()
    followed = Followed(puppet.pid)
    pid = puppet.fork('exit_group', 7)
    until(lambda: followed.listed()['processes'] == 1, 'it exits')
    fork, exit_ = followed.events()
    assert (fork['cause'], fork['pid'], exit_['type'], exit_['pid']) == ('fork', pid, 'exit', pid)
    assert exit_['exit_status'] == 7 and not exit_.get('end')
    followed.compare(puppet.pid)


class Starters:
    """A process with children, each of which starts a program as soon as it is let."""

    def __init__(self, count, program):
        self.children = []
        self.gate, gate = socket.socketpair()
        self.orders, orders = socket.socketpair()
        pairs = [socket.socketpair() for _ in range(count)]
        self.inputs = [mine for mine, _ in pairs]
        self.pid = os.fork()
        if not self.pid:
            try:
                for _, theirs in pairs:
                    orders.recv(1)
                    if not os.fork():
                        os.sched_setaffinity(0, {0})
                        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
                        os.dup2(theirs.fileno(), 0)
                        gate.recv(1)
                        os.execv(program, [program])
                signal.pause()
            finally:
                os._exit(1)
        defer(self.end)

    def fork(self):
        """One child more, which waits at the gate."""
        self.orders.send(b'x')
        pid, = until(lambda: set(procfs.children(self.pid)) - set(self.children), 'there is a child')
        until(lambda: os.sched_getscheduler(pid) == os.SCHED_FIFO and procfs.state(pid) == 'S', 'it waits')
        self.children.append(pid)

    def start(self):
        """All of them, one after the other, while nobody else has a CPU."""
        before, hogs = os.sched_getaffinity(0), []
        with mmap.mmap(-1, PAGE) as enough:
            try:
                for cpu in before - {0}:
                    hogs.append(os.fork())
                    if not hogs[-1]:
                        self.hog(cpu, enough)
                until(lambda: all(os.sched_getscheduler(hog) == os.SCHED_FIFO for hog in hogs), 'they are at it')
                os.sched_setaffinity(0, {0})
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(3))
                self.gate.send(b'x' * len(self.children))
                # Here they run, and when they all wait again this goes on.
                os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            finally:
                enough[0] = 1
                os.sched_setaffinity(0, before)
                for hog in hogs:
                    os.waitpid(hog, 0)

    @staticmethod
    def hog(cpu, enough):
        try:
            os.sched_setaffinity(0, {cpu})
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
            while not enough[0]:
                pass
        finally:
            os._exit(0)

    def end(self):
        for pid in self.pid, *self.children:
            kill(pid)
        os.waitpid(self.pid, 0)
        for end in self.gate, self.orders, *self.inputs:
            end.close()


def test_programs_at_once():
    """children start programs faster than the worker can have memory ready: what each does then is told all the same"""
    starters = Starters(4, build.driver('still', '-static', '-nostdlib', '-fno-stack-protector'))
    told = {}

    def take():
        for event in nl.events():
            key = netlink.number(event, netlink.EVENT_PID), netlink.number(event, netlink.EVENT_CAUSE)
            told[key] = told.get(key, 0) + 1

    # By its new map; or by two calls to dump that: when it was lost, and when it has a space again.
    def known(pid):
        return (pid, netlink.CAUSE_EXEC) in told or told.get((pid, netlink.CAUSE_RESYNC), 0) >= 2

    with netlink.Netlink(receive_buffer=1 << 20) as nl:
        nl.watch(starters.pid, follow=True)
        for _ in range(4):
            starters.fork()
            # The worker has run, and made a space for the next one.
            while (starters.children[-1], netlink.CAUSE_FORK) not in told:
                take()
        told.clear()
        starters.start()
        while not all(map(known, starters.children)):
            take()
        for pid, end in zip(reversed(starters.children), reversed(starters.inputs)):
            told.clear()
            end.send(b'x')
            while (pid, netlink.CAUSE_SYSCALL) not in told:
                take()


def test_storm():
    """300 children as fast as can be: of each its map, its one change, and its end"""
    kernel.need_allocating_probes()
    puppet = Puppet()
    followed = Followed(puppet.pid, '--ring-size=64M')
    puppet.begin_forks(300, 'mmap', 0, 33 * PAGE, PROT_READ, ANON, -1, 0)
    assert puppet.answer() == (0, 0)
    until(lambda: followed.listed()['processes'] == 1, 'all have exited')
    done = {}
    for record in followed.events():
        if record['pid'] != puppet.pid:
            done.setdefault(record['pid'], []).append(record)
    assert len(done) == 300
    for number, (pid, records) in enumerate(done.items()):
        fork, mmap, exit_ = records
        assert heads(records[:2]) == [('fork', pid, puppet.pid, 'fork'), ('syscall', pid, pid, 'mmap')], records
        assert mmap['delta'] == 33 * PAGE and exit_['exit_status'] == number & 0xff, records
    listed = followed.listed()
    assert listed['processes'] == 1 and not listed.get('unfollowed'), listed
    followed.compare(puppet.pid)


@long
def test_let_go():
    """nobody watches any more, in the midst of a fork: the child is not watched either, and changes its map in peace"""
    puppet = Puppet()
    addr = puppet.many_regions(1000)
    ended = 0
    with netlink.Netlink() as nl:
        while ended < 100:
            puppet.begin_forks(20, 'mprotect', addr, PAGE, RW)
            while not puppet.has_answered():
                nl.unwatch(nl.watch(puppet.pid, SMALLEST_RING, follow=True))
                ended += 1
            assert puppet.answer() == (0, 0)
    netlink.none_left()


def test_among_threads():
    """a process forks while two other threads of it change its map: each child has the map of one moment"""
    puppet = Puppet(threads=3, children=5)
    addr = puppet.mmap(ENDLESS * PAGE, PROT_NONE, ANON | MAP_NORESERVE)
    followed = Followed(puppet.pid, '--ring-size=64M')
    # A region grows, page by page, and another one shrinks, without becoming more.
    puppet.begin('mmap', 0, PAGE, RW, ANON, -1, 0, count=ENDLESS, thread=1)
    puppet.begin('munmap', addr, PAGE, count=ENDLESS, stride=PAGE, thread=2)
    children = []
    for _ in range(5):
        before = followed.so_far()
        until(lambda before=before: followed.so_far() > before, 'the threads change the map')
        children.append(puppet.child())
    puppet.enough()
    for thread in 1, 2:
        assert puppet.answer(thread)[0] >= 0
    causes = [record['cause'] for record in followed.events()]
    first = causes.index('fork')
    assert 'syscall' in causes[:first] and 'syscall' in causes[first:], 'no child came while threads changed the map'
    followed.compare(puppet.pid, *(child.pid for child in children))
    for child in children:
        child.mmap(PAGE, PROT_READ)
    followed.events()
    followed.compare(puppet.pid, *(child.pid for child in children))


def test_stopped():
    """a process that is stopped, and its child, under a watch that begins then"""
    puppet = Puppet(children=1)
    stop(puppet.pid)
    followed = Followed(puppet.pid)
    go_on(puppet.pid)
    child = puppet.child()
    followed.events()
    followed.compare(puppet.pid, child.pid)


def test_plain_beside():
    """a watch that does not follow, on the same process: it sees no child"""
    puppet = Puppet(children=1)
    followed = Followed(puppet.pid)
    plain = client.Watch('-q', puppet.pid).ready(puppet.pid)
    child = puppet.child()
    child.mmap(PAGE)
    puppet.mmap(PAGE)
    assert len(followed.events()) == 3
    record = plain.record()
    assert (record['pid'], record['seq']) == (puppet.pid, 1), record


# --- Forks that fail half-way.

def too_large_to_copy(puppet):
    """Give it memory, between other regions, that is more than the machine has: fork() may not promise it again."""
    setting = '/proc/sys/vm/overcommit_memory'
    with open(setting, encoding='ascii') as file:
        before = file.read()
    with open(setting, 'w', encoding='ascii') as file:
        file.write('1')

    def back():
        with open(setting, 'w', encoding='ascii') as file:
            file.write(before)
    try:
        return puppet.mmap(1 << 40, RW)
    finally:
        back()


def without_room(puppet):
    """Put it into a cgroup where nobody else may be."""
    root = '/sys/fs/cgroup'
    group = f'{root}/vasmon-{puppet.pid}'
    with open(f'{root}/cgroup.subtree_control', 'w', encoding='ascii') as file:
        file.write('+pids')
    os.mkdir(group)

    def gone():
        with open(f'{root}/cgroup.procs', 'w', encoding='ascii') as file:
            file.write(str(puppet.pid))
        os.rmdir(group)
    defer(gone)
    for name, text in ('pids.max', '1'), ('cgroup.procs', str(puppet.pid)):
        with open(f'{group}/{name}', 'w', encoding='ascii') as file:
            file.write(text)

    def allow():
        with open(f'{group}/pids.max', 'w', encoding='ascii') as file:
            file.write('max')
    return allow


def forks_fail(puppet, code, allow):
    """Many times, with and without following: nobody is told anything, nothing is left, and a fork that succeeds is."""
    followed, plain = Followed(puppet.pid), client.Watch(puppet.pid)
    plain.record()
    before = followed.listed()
    for _ in range(50):
        assert puppet.try_call('fork') == -code, 'it was to fail'
    events = followed.events()
    assert not events, events
    after = followed.listed()
    assert [after[key] for key in ('processes', 'regions', 'seq', 'memory')] == \
        [before[key] for key in ('processes', 'regions', 'seq', 'memory')], (before, after)
    followed.compare(puppet.pid)
    puppet.mmap(PAGE, PROT_READ)
    followed.events()
    followed.compare(puppet.pid)
    allow()
    child = puppet.child('mmap', 0, PAGE, PROT_NONE, ANON, -1, 0)
    assert heads(followed.events()[-2:]) == [
        ('fork', child.pid, puppet.pid, 'clone'), ('syscall', child.pid, child.pid, 'mmap')]
    followed.compare(puppet.pid, child.pid)
    assert plain.record()['syscall']['name'] == 'mmap'


def test_fork_fails_in_copy():
    """fork fails in the midst of the copy of the map (ENOMEM)"""
    puppet = Puppet(children=1)
    addr = too_large_to_copy(puppet)
    forks_fail(puppet, 12, lambda: puppet.call('munmap', addr, 1 << 40))


def test_fork_fails_late():
    """fork fails when the map is copied (pids.max: EAGAIN)"""
    puppet = Puppet(children=1)
    forks_fail(puppet, 11, without_room(puppet))
