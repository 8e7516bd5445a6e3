# SPDX-License-Identifier: GPL-2.0-only
"""Storms: see sizes.py for how large they are."""
import errno
import os
import random
import signal
import traceback

from crowd import Bomb, Crowd
from harness import client, debugfs, module, netlink, procfs
from harness.netlink import (F_DUMP, MM_PID, PROCESS_GET, PROCESS_WATCH_ID, REGION_GET, SMALLEST_RING, Netlink,
                             number, u32)
from harness.overrun import drain
from harness.puppet import Puppet, go_on, stop
from harness.tap import defer, note
from harness.wait import SLOWNESS, until
from memory import Memory, equal

import sizes

# With which a process that is going, or a module, may refuse.
GONE = errno.ESRCH, errno.ENOENT, errno.EINVAL


def exact(pid):
    """The map of a process that stands still is what /proc says; false if it has ended."""
    try:
        stop(pid)
        said, seen = client.run('maps', '--raw', pid), procfs.maps(pid)
        go_on(pid)
    except (ProcessLookupError, FileNotFoundError):
        assert procfs.has_ended(pid), pid
        return False
    if said.status == client.DONE and said.out == seen:
        return True
    assert procfs.has_ended(pid), f'the map of {pid}: {said.err}'
    return False


def in_order():
    """All works, nobody watches, and nobody uses the module."""
    netlink.none_left()
    with open('/sys/module/vasmon/refcnt', encoding='ascii') as file:
        assert int(file.read()) == 0
    puppet = Puppet()
    assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)
    until(lambda: debugfs.exists(puppet.pid), 'its file appears')


def reload(hinder=lambda: None):
    """In the midst of it; a dump that nobody reads to its end holds the module: hinder() ends one who may not."""
    until(lambda: module.delete() or hinder(), 'the module is unloaded')
    assert not module.insert()


def storm(times, some):
    """
    some(n) does n of what is counted: a tenth, so that caches are full; then all of it, and memory is the same. Processes
    whose maps change are gone by then.
    """
    some(max(1, times // 10))
    before = Memory()
    some(times)
    in_order()
    equal(before, times)


def any_of(dice, crowd):
    """A process of a crowd; it may end at any moment."""
    return dice.choice(crowd.pids() or [crowd.pid])


def attempt(ask, *args, **options):
    """The answer; None if what it is about has gone, False if there was no room for it among the events."""
    try:
        return ask(*args, **options)
    except netlink.Refused as refused:
        assert refused.code in GONE, refused
    except OSError as error:
        assert error.errno == errno.ENOBUFS, error
        return False
    return None


def test_loading():
    """insmod and rmmod, again and again, while processes fork, map and exit, watched or not"""
    dice = random.Random(sizes.seed)
    large = Puppet()
    large.many_regions(5000)
    watched = busy = 0

    def cycle(crowd):
        nonlocal watched, busy
        sockets = []
        for _ in range(dice.randrange(4)):
            sockets.append(Netlink())
            watched += bool(attempt(sockets[-1].watch, any_of(dice, crowd), SMALLEST_RING, follow=dice.random() < 0.5,
                                    callchain=dice.random() < 0.5))
            if dice.randrange(2):
                attempt(sockets[-1].ask, REGION_GET, u32(MM_PID, any_of(dice, crowd)), F_DUMP)
        if dice.randrange(8) == 0:
            # More than fits into a datagram.
            with Netlink(receive_buffer=1) as nl:
                nl.send(REGION_GET, u32(MM_PID, large.pid), F_DUMP)
                assert not module.delete(), 'it was unloaded in the midst of a dump'
                busy += 1
        if dice.randrange(2):
            # Before the module goes, or after that.
            while sockets:
                sockets.pop().close()
        until(module.delete, 'it is unloaded')
        for nl in sockets:
            nl.close()
        assert not os.path.exists(debugfs.FOLDER)
        assert not module.insert()

    def cycles(count):
        crowd = Crowd(6, 4)
        for _ in range(count):
            cycle(crowd)
        crowd.end()
    storm(sizes.cycles, cycles)
    note(f'{sizes.cycles} times, {watched} watches; {busy} times in use')
    assert watched and (busy or sizes.cycles < 100)


class Mob:
    """Clients, each a process, that subscribe and read and die."""

    def __init__(self, crowd, dice):
        self.crowd, self.dice = crowd, dice
        self.pids = set()
        defer(self.end)

    def start(self):
        seed = self.dice.getrandbits(32)
        targets = self.crowd.pids()
        pid = os.fork()
        if pid:
            self.pids.add(pid)
            return
        code = 3
        try:
            subscribe(random.Random(seed), targets)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def reap(self, pid=-1, flags=0):
        """Returns whether one has ended."""
        pid, status = os.waitpid(pid, flags)
        if pid:
            self.pids.discard(pid)
            code = os.waitstatus_to_exitcode(status)
            assert code in (0, -signal.SIGKILL), f'a client ended with {code}: see what it said'
        return bool(pid)

    def kill_one(self):
        """If there is one."""
        if not self.pids:
            return
        pid = self.dice.choice(sorted(self.pids))
        os.kill(pid, signal.SIGKILL)
        self.reap(pid)

    def end(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def subscribe(dice, targets):
    """What a client does: it watches some of them, dumps maps, and reads a while, or never."""
    nl = attempt(Netlink, receive_buffer=dice.choice((1, 4096, 1 << 20)))
    if not nl:
        return
    with nl:
        for pid in dice.sample(targets, min(len(targets), dice.randrange(1, 4))):
            watch = attempt(nl.watch, pid, SMALLEST_RING, follow=dice.random() < 0.5, lossless=dice.random() < 0.2,
                            callchain=dice.random() < 0.3)
            if watch is False:
                # Once an answer has found no room netlink gives no other one, without a word, until all is read.
                break
            if dice.randrange(2):
                nl.send(REGION_GET, u32(MM_PID, pid), F_DUMP)
        for _ in range(dice.choice((0, 1, 10, 100))):
            try:
                nl.receive(timeout=1)
            except TimeoutError:
                break
            except OSError as error:
                # Its buffer was too small for an answer.
                assert error.errno == errno.ENOBUFS, error
        if dice.randrange(2):
            signal.pause()


def test_clients():
    """clients that subscribe and die at any moment"""
    dice = random.Random(sizes.seed)
    steps = max(1, sizes.deaths // sizes.unloads)
    died = 0

    def deaths(count):
        nonlocal died
        crowd = Crowd(8, 20)
        mob = Mob(crowd, dice)
        for step in range(1, count + 1):
            while len(mob.pids) < sizes.clients:
                mob.start()
            if not mob.reap(flags=os.WNOHANG):
                mob.kill_one()
            died += 1
            if step % steps == 0:
                reload(mob.kill_one)
        while mob.pids:
            mob.kill_one()
        crowd.end()
    storm(sizes.deaths, deaths)
    note(f'{died} clients, {sizes.clients} at a time')


def test_processes():
    """very many processes under watch, and rmmod"""
    exactly = 0

    def watched(nl, pid):
        told = attempt(nl.watch, pid, SMALLEST_RING)
        # Once an answer has found no room, there is no other one before all is read.
        while told is False and attempt(drain, nl) is False:
            pass
        return bool(told)

    def watch_all(count):
        nonlocal exactly
        # Together they make 250 changes a second, or as many fewer as a kernel that checks itself is slower: there is
        # time for us, too.
        crowd = Crowd(count, 4 * count * SLOWNESS)
        pids = crowd.pids()
        with Netlink(receive_buffer=1 << 20) as nl, Netlink() as other, Netlink() as ask:
            told = sum(watched(nl, pid) for pid in pids)
            assert told > len(pids) * 9 // 10, f'{told} of {len(pids)} could be watched'
            family = attempt(other.watch, crowd.pid, SMALLEST_RING, follow=True)
            until(lambda: sum(number(attrs, netlink.WATCH_SEQ) for attrs in ask.watches().values()) > count,
                  'they change their maps')
            exactly += sum(map(exact, pids[::max(1, count // 20)]))
            assert len(ask.ask(PROCESS_GET, u32(PROCESS_WATCH_ID, family), F_DUMP)) >= 1
            # With all the watches that there are.
            reload()
        crowd.end()
    storm(sizes.processes, watch_all)
    note(f'{exactly} maps were compared')
    assert exactly


def test_bombs():
    """fork bombs that are followed, with few processes at a time, and rmmod"""
    refused = told = unloads = 0

    def bombs(count):
        nonlocal refused, told, unloads
        each = max(1, count // (sizes.unloads + 1))
        for number_ in range(sizes.unloads + 1):
            bomb = Bomb(each, sizes.pids)
            with Netlink(receive_buffer=1 << 20) as nl:
                watch = nl.watch(bomb.pid, 1 << 20, follow=True, lossless=number_ % 2 == 1)
                bomb.start()
                if number_:
                    enough = min(each // 4, 200)
                    until(lambda nl=nl, watch=watch, bomb=bomb, enough=enough:
                          bomb.done() or nl.events_so_far(watch) > enough, 'it is under way')
                    reload()
                    unloads += 1
                else:
                    told += count_events(nl, bomb)
                until(bomb.done, 'the bomb is done')
                refused += bomb.refused()
            bomb.end()
    storm(sizes.forks, bombs)
    note(f'{refused} forks were refused, {told} events read, rmmod {unloads} times')
    assert refused and told


def count_events(nl, bomb):
    """Read until it is done. Returns how many events there were."""
    count = 0
    while not bomb.done():
        try:
            count += len(nl.events(timeout=1))
        except (TimeoutError, OSError) as error:
            assert isinstance(error, TimeoutError) or error.errno == errno.ENOBUFS, error
    return count
