# SPDX-License-Identifier: GPL-2.0-only
"""A map that is kept from the client's JSON: a map record, and the events after it."""
import bisect

from harness import procfs


def name_of(region):
    """A region's name as JSON has it, as /proc/PID/maps would show it."""
    name = bytes.fromhex(region['name_hex']) if 'name_hex' in region else region.get('name', '').encode()
    if region['kind'] == 'file':
        return name.replace(b'\n', b'\\012')
    return {
        'none': b'', 'special': name, 'heap': b'[heap]', 'stack': b'[stack]', 'anon': b'[anon:' + name + b']',
        'anon-shmem': b'[anon_shmem:' + name + b']',
    }[region['kind']]


def region_of(region):
    """A region of JSON as a procfs.Region; flags are the traits."""
    start, end = int(region['start'], 16), int(region['end'], 16)
    assert region['bytes'] == end - start, region
    return procfs.Region(start, end, region['perms'], int(region.get('offset', '0'), 16), region.get('dev', '00:00'),
                         region.get('inode', 0), name_of(region), frozenset(region.get('traits', ())))


class Space:
    """seq: the last event that is included."""

    def __init__(self, record):
        self.take(record)

    @classmethod
    def empty(cls, seq, inclusive):
        """Of a process that an event is going to tell of as a whole."""
        self = cls.__new__(cls)
        self.seq, self.inclusive = seq, inclusive
        self.brk = self.start_brk = self.start_stack = 0
        self._set([])
        return self

    def take(self, record):
        """A map record: all is new."""
        assert record['type'] == 'map', record
        self.seq = record['seq']
        self.inclusive = record['heap_inclusive']
        self.brk, self.start_brk = int(record['brk'], 16), int(record['start_brk'], 16)
        self.start_stack = int(record['start_stack'], 16)
        self._set([region_of(region) for region in record['regions']])
        assert record['map_count'] == len(self.regions)

    def _set(self, regions):
        self.regions = regions
        self.starts = [region.start for region in regions]

    def apply(self, record):
        """An event: what it says of before and after has to fit."""
        assert record['type'] == 'event' and record['seq'] == self.seq + 1, \
            f'event {record.get("seq")} ({record["type"]}) after {self.seq}'
        self.seq += 1
        if 'brk' in record:
            before, self.brk = int(record['brk']['from'], 16), int(record['brk']['to'], 16)
            assert record['brk']['delta'] == self.brk - before
        if 'start_brk' in record:
            self.start_brk = int(record['start_brk'], 16)
        if 'start_stack' in record:
            self.start_stack = int(record['start_stack'], 16)
        if 'window' in record:
            start, end = (int(record['window'][key], 16) for key in ('start', 'end'))
            first = bisect.bisect_left(self.starts, start)
            last = bisect.bisect_left(self.starts, end)
            old = self.regions[first:last]
            assert not first or self.regions[first - 1].end <= start, 'the window begins within a region'
            assert not old or old[-1].end <= end, 'the window ends within a region'
            said = [region_of(region) for region in record['old']]
            assert [nameless(r) for r in said] == [nameless(r) for r in old], \
                f'event {self.seq} tells of old regions {said}, but there are {old}'
            new = [region_of(region) for region in record['new']]
            self.regions[first:last] = new
            self.starts[first:last] = [region.start for region in new]
        assert record['map_count'] == len(self.regions), f'event {self.seq}'

    def name(self, region):
        """[heap] and [stack] follow from where the break and the stack are, and are not the region's own."""
        if region.name not in (b'', b'[heap]', b'[stack]') and not region.name.startswith(b'[anon:'):
            return region.name
        if region.start <= self.brk and region.end >= self.start_brk and \
                (self.inclusive or (region.start < self.brk and region.end > self.start_brk)):
            return b'[heap]'
        if region.start <= self.start_stack <= region.end:
            return b'[stack]'
        return region.name if region.name.startswith(b'[anon:') else b''

    def maps(self):
        """As /proc/PID/maps has it."""
        return b''.join(procfs.line_of(region._replace(name=self.name(region))) for region in self.regions)


def nameless(region):
    """A region without a name that can change by itself."""
    return region._replace(name=b'') if region.name in (b'[heap]', b'[stack]') else region
