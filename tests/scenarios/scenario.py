# SPDX-License-Identifier: GPL-2.0-only
"""Runs a program of programs/ under watch, and tells which of its steps each event belongs to."""
import functools
import os
import signal
import subprocess
import tempfile

from harness import build, client, procfs
from harness.tap import defer
from harness.wait import until

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'programs')


@functools.cache
def program(name):
    """The path of programs/NAME.c, compiled as most programs are: without frame pointers."""
    path = os.path.join(build.folder(), name)
    subprocess.run(['cc', '-Wall', '-Wextra', '-Werror', '-O1', '-g', '-pthread', '-o', path,
                    os.path.join(PROGRAMS, name + '.c'), '-ldl'], check=True)
    return path


def nanoseconds(text):
    """A time of JSON."""
    seconds, fraction = text.split('.')
    return int(seconds) * 10**9 + int(fraction)


def maps(pid, *args):
    """The record of 'maps --json'."""
    result = client.run('maps', '--json', *args[:-1] if args and str(args[-1]).startswith('0x') else args, pid,
                        *args[-1:] if args and str(args[-1]).startswith('0x') else ())
    assert result.status == client.DONE and not result.err, result
    return client.records(result.out)[0]


def region_at(record, address):
    """The region of a map that an address is in."""
    found = [region for region in record['regions'] if int(region['start'], 16) <= address < int(region['end'], 16)]
    assert len(found) == 1, (hex(address), found)
    return found[0]


class Scenario:
    """A program that is stopped at its first look(), watched by two clients, one for JSON and one for text."""

    def __init__(self, name, *args, watch=(), aslr=True, watched=True):
        self.output = tempfile.TemporaryFile()
        command = [program(name), *map(str, args)]
        self.process = subprocess.Popen(command if aslr else ['setarch', '-R', *command], stdout=self.output)
        self.pid = self.process.pid
        defer(self.kill)
        self.looks = 0
        self.wait_look()
        self.events = []
        self.lines = None
        if watched:
            self.json = client.Watch('-q', *watch, self.pid)
            self.text = client.Watch('-q', *watch, self.pid, json_lines=False)
            self.json.ready(self.pid)
            self.text.ready(self.pid)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said_lines(self):
        """What the program has written: [time, word, name, ...]."""
        data = os.pread(self.output.fileno(), 1 << 20, 0).decode()
        found = []
        for line in data.splitlines():
            time, word, rest = line.split(' ', 2)
            found.append((int(time), word, rest))
        return found

    def wait_look(self):
        """Wait until it stopped at its next look()."""
        self.looks += 1

        def there():
            assert self.process.poll() is None, f'the program ended with {self.process.returncode}: {self.said_lines()}'
            return sum(word == 'look' for _, word, _ in self.said_lines()) == self.looks and \
                procfs.state(self.pid) == 'T'
        until(there, 'the program stops')

    def go(self):
        """Let it go on to its next look()."""
        os.kill(self.pid, signal.SIGCONT)

    def next(self):
        self.go()
        self.wait_look()

    def look_at(self, name):
        """Let it go on to its look() of that name."""
        while self.said_lines()[-1][1:] != ('look', name):
            self.next()
        return self

    def wait_event(self, wanted):
        """Wait until the client for JSON has printed an event of which that is true."""
        while not self.events or not wanted(self.events[-1]):
            record = self.json.record()
            assert record is not None, self.events
            self.events.append(record)

    def end(self, status=0):
        """Let it go on to its end, past every look(), and with that status if any; all events are there then."""
        def ended():
            if self.process.poll() is None and procfs.state(self.pid) == 'T':
                self.go()
            return self.process.poll() is not None
        until(ended, 'the program ends')
        assert status in (None, self.process.returncode), f'the program ended with {self.process.returncode}'
        self.events += self.json.rest()
        self.lines = [line.decode() for line in self.text.rest()]
        for watch in self.json, self.text:
            assert watch.wait() == 0 and ', 0 missed' in watch.stderr(), watch.stderr()
        assert not [event for event in self.events if event['type'] not in ('event', 'exit')], self.events
        return self

    def values(self, key):
        """What the program said of something."""
        return [int(rest.split(' ')[1], 16) for _, word, rest in self.said_lines()
                if word == 'say' and rest.split(' ')[0] == key]

    def value(self, key):
        found = self.values(key)
        assert len(found) == 1, (key, found)
        return found[0]

    def in_step(self, name, number=0):
        """The events between the step of that name, or its number-th, and the next."""
        marks = [(time, rest) for time, word, rest in self.said_lines() if word in ('step', 'look')]
        times = [i for i, (_, rest) in enumerate(marks) if rest == name]
        assert len(times) > number, f'no step {name}: {marks}'
        start = marks[times[number]][0]
        end = marks[times[number] + 1][0] if times[number] + 1 < len(marks) else 1 << 63
        return [event for event in self.events
                if event['type'] == 'event' and start <= nanoseconds(event['ts']) < end]

    def effects(self, name, number=0):
        """(kind, bytes or delta, text) of all effects in a step."""
        return [(effect['kind'], effect.get('delta', effect.get('bytes')), effect['text'])
                for event in self.in_step(name, number) for effect in event['effects']]
