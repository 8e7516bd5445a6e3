# SPDX-License-Identifier: GPL-2.0-only
"""A process id that is used again is another process."""
from harness import client, netlink, procfs, space
from harness.followed import Followed
from harness.puppet import ANON, PAGE, PROT_NONE, PROT_READ, Puppet, kill
from harness.wait import until

LAST_PID = '/proc/sys/kernel/ns_last_pid'


def take(pid, make):
    """What make() returns, a process that has this id: nobody else may fork in between, so try until it has."""
    def tried():
        with open(LAST_PID, 'w', encoding='ascii') as file:
            file.write(str(pid - 1))
        one = make()
        if one.pid == pid:
            return one
        one.end()
        return None
    return until(tried, f'the id {pid} is used again')


def test_watch():
    """a watch of a process that has gone, while another one has its id: it sees nothing of that one"""
    puppet = Puppet()
    pid = puppet.pid
    # It is not read, so the watch is there until the socket is closed.
    with netlink.Netlink(receive_buffer=1) as old, netlink.Netlink() as ask:
        number = old.watch(pid)
        puppet.call('mmap', 0, PAGE, PROT_READ, ANON, -1, 0, count=100)
        puppet.end()
        last = ask.events_so_far(number)
        assert last == 101 and number in ask.watches()
        other = take(pid, Puppet)
        watch = client.Watch(pid)
        kept = space.Space(watch.record())
        watches = ask.watches()
        assert len(watches) == 2 and max(watches) > number
        other.call('mmap', 0, PAGE, PROT_READ, ANON, -1, 0, count=50)
        while kept.seq < 50:
            kept.apply(watch.record())
        assert kept.maps() == procfs.maps(pid)
        # A dump of the new process is not in step with the old watch.
        answer = ask.ask(netlink.REGION_GET, netlink.u32(netlink.MM_PID, pid) +
                         netlink.u32(netlink.MM_WATCH_ID, number), netlink.F_DUMP)
        assert netlink.number(answer[0], netlink.MM_SEQ) is None
        assert ask.events_so_far(number) == last
        seq = 0
        while seq < last:
            for event in old.events():
                seq += 1
                assert netlink.number(event, netlink.EVENT_SEQ) == seq
                assert netlink.number(event, netlink.EVENT_WATCH_ID) == number
        until(lambda: set(ask.watches()) == {max(watches)}, 'the old watch ends')
        other.mmap(PAGE, PROT_NONE)
        kept.apply(watch.record())


def test_watch_ends():
    """a client whose process has gone ends, though another one has its id at once"""
    puppet = Puppet()
    watch = client.Watch(puppet.pid).ready(puppet.pid)
    puppet.end()
    other = take(puppet.pid, Puppet)
    other.call('mmap', 0, PAGE, PROT_READ, ANON, -1, 0, count=10)
    records = watch.rest()
    assert [record['type'] for record in records] == ['map', 'exit'] and watch.wait() == client.DONE, records


def test_followed():
    """two children of a process, one after the other, have the same id: each has its own map"""
    puppet = Puppet(children=1)
    followed = Followed(puppet.pid)
    child = puppet.child()
    child.mmap(7 * PAGE, PROT_READ)
    followed.events()
    child.end()
    puppet.call('wait4', child.pid, 0, 0, 0)
    followed.events()
    assert set(followed.exits) == {child.pid}

    class Other:
        """A child, and how to be rid of it."""
        def __init__(self):
            self.pid = puppet.fork('mmap', 0, 5 * PAGE, PROT_NONE, ANON, -1, 0)

        def end(self):
            kill(self.pid)
            puppet.call('wait4', self.pid, 0, 0, 0)

    def mapped():
        followed.events()
        return any(region.end - region.start == 5 * PAGE and region.perms == '---p'
                   for region in followed.spaces[child.pid].regions)

    take(child.pid, Other)
    until(mapped, 'it has done its call')
    followed.compare(puppet.pid, child.pid)
