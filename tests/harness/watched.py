# SPDX-License-Identifier: GPL-2.0-only
"""A puppet under watch: each step is one call, and its event is compared with what /proc says before and after."""
import errno
import os

from harness import client, netlink, procfs, space
from harness.puppet import PAGE, PROT_NONE, RW, Puppet
from harness.tap import defer

_DERIVED = (b'[heap]', b'[stack]')


def _own(region):
    """A region without what follows from the break and the stack."""
    return region._replace(name=b'') if region.name in _DERIVED else region


def difference(old, new):
    """The smallest replacement: what two maps have in common at both ends is left out."""
    first = 0
    while first < min(len(old), len(new)) and _own(old[first]) == _own(new[first]):
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and _own(old[-1 - last]) == _own(new[-1 - last]):
        last += 1
    return old[first:len(old) - last], new[first:len(new) - last]


class View:
    """What /proc tells of a process that stands still."""

    def __init__(self, puppet, pid=None):
        self.regions = procfs.regions(pid or puppet.pid)
        stat = procfs.stat(pid or puppet.pid)
        self.start_brk, self.start_stack = int(stat[47]), int(stat[28])
        self.brk = puppet.brk()


def _traited(region):
    """A region of smaps, its flags by the client's names."""
    return region._replace(flags=frozenset(procfs.traits(region)))


def _timeless(region):
    """A region of JSON without what smaps does not tell."""
    return region._replace(flags=region.flags - {'lock-on-fault'})


class Watched:
    """keep: to be shared by the tests of a file, and ended by end(); arrange: done with the puppet before the watch.

    kind: of puppet.
    """

    def __init__(self, threads=1, keep=False, arrange=None, kind=Puppet, **options):
        self.puppet = kind(threads, keep=keep, **options)
        self.arranged = arrange(self.puppet) if arrange else None
        self.pid = self.puppet.pid
        self.watch = client.Watch(self.pid, keep=keep)
        self.nl = netlink.Netlink()
        if not keep:
            defer(self.nl.close)
        first = self.watch.record()
        self.space = space.Space(first)
        self.number = first['watch']
        self.seq = first['seq']
        assert self.space.maps() == procfs.maps(self.pid), 'the first map'
        self.view = View(self.puppet)

    def end(self):
        self.nl.close()
        self.watch.kill()
        self.puppet.end()

    def events_so_far(self):
        return self.nl.events_so_far(self.number)

    def refresh(self):
        """After steps that were not looked at: follow the events to here."""
        for _ in range(self.events_so_far() - self.seq):
            self.space.apply(self.watch.record())
        self.seq = self.space.seq
        self.view = View(self.puppet)

    def prepare(self, name, *args, **options):
        """A call that is not what is tested. Returns what it returned."""
        ret = self.puppet.call(name, *args, **options)
        self.refresh()
        return ret

    def mmap(self, *args, **options):
        """Memory to test with."""
        addr = self.puppet.mmap(*args, **options)
        self.refresh()
        return addr

    def region(self, pages):
        """Memory that is a region by itself, for on both sides of it there is other memory. Returns its address."""
        addr = self.puppet.mmap((pages + 2) * PAGE, PROT_NONE)
        self.puppet.call('mprotect', addr + PAGE, pages * PAGE, RW)
        self.refresh()
        return addr + PAGE

    def no_event(self, name, *args, error=None):
        """A call that changes nothing; with an error, one that fails so. Returns what it returned."""
        ret = self.puppet.try_call(name, *args)
        if error is not None:
            assert -4096 < ret < 0, f'{name}{args} did not fail'
            assert -ret == error, f'{name}{args} failed with {errno.errorcode[-ret]}'
        else:
            assert not -4096 < ret < 0, f'{name}{args} failed with {errno.errorcode.get(-ret)}'
        self.nothing(name)
        return ret

    def nothing(self, what):
        """Nothing has changed, and no event was made since the last step."""
        seen = View(self.puppet)
        assert difference(self.view.regions, seen.regions) == ([], []) and vars(seen)['brk'] == self.view.brk, \
            f'{what} was to change nothing; this test is wrong'
        count = self.events_so_far() - self.seq
        if count:
            extra = [self.watch.record() for _ in range(count)]
            raise AssertionError(f'{what} changed nothing, but made events: {extra}')

    def change(self, name, *args, thread=0, failing=False):
        """A call that changes something. Returns what it returned, and its event."""
        ret = self.puppet.try_call(name, *args, thread=thread)
        failed = -4096 < ret < 0
        assert failed == failing, f'{name}{args} returned {errno.errorcode.get(-ret, hex(ret)) if failed else hex(ret)}'
        event = self.event(f'{name}{tuple(map(hex, args))}', thread=thread)
        self.made_by_call(event, name, args)
        return ret, event

    def made_by_call(self, event, name, args):
        """The event tells of this request."""
        said = event['syscall']
        self.made_by(said, name, self.puppet.numbers[name], self.puppet.arch,
                     [arg & self.puppet.mask for arg in args])

    @staticmethod
    def made_by(said, name, number, arch, args):
        """A system call of an event, against what was asked for."""
        wanted = [hex(arg) for arg in args]
        assert (said['name'], said['nr'], said['arch']) == (name, number, hex(arch)), said
        assert said['args'][:len(wanted)] == wanted, f'{said} is to have {wanted}'

    def event(self, what, cause='syscall', thread=0, actor=None, comm=None):
        """The one event since the last step: it is what /proc shows as the difference.

        A change in two places, as of a region that moves, and one of many regions is a group of events, of which all
        but the last say that more follows. The last one is returned, with the sum of what the group adds.
        """
        count = self.events_so_far() - self.seq
        events = [self.watch.record() for _ in range(count)]
        assert count and [event.get('more', False) for event in events] == [True] * (count - 1) + [False], \
            f'{what} made {count} events: {events}'
        seen = View(self.puppet)
        before = self.view
        for event in events:
            self._check_head(what, event, cause, thread, actor, comm)
            self.space.apply(event)
            self.seq += 1
        self._check_regions(what, events, before, seen)
        self._check_fields(what, events, before, seen)
        assert self.space.maps() == procfs.maps(self.pid), f'the map after {what}'
        self.view = seen
        event = events[-1]
        event['delta'] = sum(one['delta'] for one in events)
        event['parts'] = events
        return event

    def _check_head(self, what, event, cause, thread, actor, comm):
        tid, tgid = actor or (self.puppet.threads[thread].tid, self.pid)
        wanted = {'type': 'event', 'pid': self.pid, 'watch': self.number, 'seq': self.seq + 1, 'cause': cause,
                  'tid': tid, 'tgid': tgid, 'comm': comm or os.path.basename(self.puppet.path)}
        said = {key: event.get(key) for key in wanted}
        assert said == wanted, f'{what}: the event has\n  {said}\nand is to have\n  {wanted}'

    def _check_regions(self, what, events, before, seen):
        """The events, one after another, turn the regions before into those after, and nothing in them is idle."""
        if len(events) == 1:
            old, new = difference(before.regions, seen.regions)
            self._check_window(what, events[0], old, new)
            return
        regions = [_traited(region) for region in before.regions]
        windows = []
        for event in events:
            start, end = (int(event['window'][key], 16) for key in ('start', 'end'))
            inside = [region for region in regions if region.end > start and region.start < end]
            new = [_timeless(space.region_of(region)) for region in event['new']]
            old, changed = difference(inside, new)
            self._check_window(what, event, old, changed, known=True)
            regions = sorted([region for region in regions if region not in inside] + new)
            assert event['map_count'] == len(regions), what
            # What did not fit into the event before goes on here; nothing else may be touched twice.
            overlaps = any(start < other_end and end > other for other, other_end in windows)
            assert not overlaps or not old, f'{what}: the windows {windows} and {(start, end)} overlap'
            windows.append((start, end))
        assert [_own(region) for region in regions] == [_own(_traited(region)) for region in seen.regions], what

    @staticmethod
    def _check_window(what, event, old, new, known=False):
        """The window is the smallest one, and the regions in it are these."""
        if not old and not new:
            assert 'window' not in event, f'{what}: {event}'
            return
        start = min(region.start for region in (old[:1] + new[:1]))
        end = max(region.end for region in (old[-1:] + new[-1:]))
        assert event.get('window') == {'start': hex(start), 'end': hex(end)}, \
            f'{what}: the window is {event.get("window")}, the change from {start:#x} to {end:#x}'
        for key, seen in ('old', old), ('new', new):
            said = [_timeless(space.region_of(region)) for region in event[key]]
            seen = seen if known else [_traited(region) for region in seen]
            assert said == seen, f'{what}: {key} regions of the event:\n  {said}\nand of /proc:\n  {seen}'

    @staticmethod
    def _check_fields(what, events, before, seen):
        moves = [event['brk'] for event in events if 'brk' in event]
        wanted = [{'from': hex(before.brk), 'to': hex(seen.brk), 'delta': seen.brk - before.brk}]
        assert moves == (wanted if seen.brk != before.brk else []), f'{what}: brk is {moves} and is to be {wanted}'
        for key in ('start_brk', 'start_stack'):
            said = [event[key] for event in events if key in event]
            value = getattr(seen, key)
            wanted = [hex(value)] if value != getattr(before, key) else []
            assert said == wanted, f'{what}: {key} is {said} and is to be {wanted}'
        assert events[-1]['map_count'] == len(seen.regions), what
        size = sum(r.end - r.start for r in seen.regions) - sum(r.end - r.start for r in before.regions)
        said = sum(event['delta'] for event in events)
        assert said == size, f'{what}: {said} bytes more, {size} indeed'


_shared = {}


def shared(file, **options):
    """The puppet under watch that the tests of a file use one after another."""
    from harness.tap import defer_file
    if file not in _shared:
        watched = Watched(keep=True, **options)
        _shared[file] = watched

        def end():
            _shared.pop(file, None)
            watched.end()
        defer_file(end)
    return _shared[file]
