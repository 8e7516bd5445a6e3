# SPDX-License-Identifier: GPL-2.0-only
"""A process under watch with all its children, and the maps that follow from the events."""
from harness import client, netlink, procfs, space
from harness.tap import defer


class Followed:
    """options: of the client, besides -f."""

    def __init__(self, pid, *options):
        self.watch = client.Watch('-f', *options, pid)
        self.nl = netlink.Netlink()
        defer(self.nl.close)
        first = self.watch.record()
        self.number, self.seq = first['watch'], first['seq']
        self.spaces = {pid: space.Space(first)}
        self.inclusive = first['heap_inclusive']
        self.exits = {}

    def take(self, record):
        """One record: numbers have no gap, and it fits on the map of its process, which it may bring along."""
        pid = record['pid']
        if record['type'] == 'map':
            # After events that could not be told one by one.
            self.spaces[pid] = space.Space(record)
            self.seq = max(self.seq, record['seq'])
            return
        if record['type'] == 'lost':
            assert record['missed'] == 0 and record['reason'] == 'incomplete', record
            return
        assert record['seq'] == self.seq + 1, f'after event {self.seq}: {record}'
        if record['type'] == 'exit':
            self.seq += 1
            self.exits[pid] = record
            del self.spaces[pid]
            return
        if record['cause'] in ('fork', 'exec') and pid not in self.spaces:
            self.spaces[pid] = space.Space.empty(self.seq, self.inclusive)
        # What other processes did has the numbers between.
        self.spaces[pid].seq = self.seq
        self.spaces[pid].apply(record)
        self.seq += 1

    def so_far(self):
        """The number of the last event of all that has been done."""
        return self.nl.events_so_far(self.number)

    def events(self):
        """Follow up to now, that is all that has been done. Returns the records."""
        last = self.so_far()
        found = []
        while self.seq < last:
            found.append(self.watch.record())
            self.take(found[-1])
        return found

    def rest(self):
        """Follow to the end of the watch. Returns the records."""
        found = self.watch.rest()
        for record in found:
            self.take(record)
        return found

    def compare(self, *pids):
        """These are all that live under the watch; they stand still, and their maps are as /proc has them."""
        assert set(self.spaces) == set(pids), f'{set(self.spaces)} are followed, and it is to be {set(pids)}'
        for pid in pids:
            assert self.spaces[pid].maps() == procfs.maps(pid), f'the map of process {pid} after event {self.seq}'

    def listed(self):
        """What 'list' says of the watch."""
        return next(watch for watch in client.listed() if watch['watch'] == self.number)
