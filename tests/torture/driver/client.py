# SPDX-License-Identifier: GPL-2.0-only
"""Runs vasmon-client."""
import json
import os
import re
import signal
import struct
import subprocess

from driver.target import folder
from driver.wait import TIMEOUT, until
from harness.client import CLIENT, listed

# The last frame of a recording: see client/RECORDING.md.
END = struct.Struct('<6I3Q')
ENDED, STOPPED = 1, 2
PARAMETERS = '/sys/module/vasmon/parameters/'


def parameter(name, value):
    """Set a parameter of the module."""
    with open(PARAMETERS + name, 'w', encoding='ascii') as file:
        file.write(str(value))


class Client:
    """A client that follows a process until it is told not to."""

    def __init__(self, args, pid, stdout=subprocess.DEVNULL):
        self.target = pid
        with open(os.path.join(folder(), 'stderr'), 'ab') as self.errors:
            self.from_byte = self.errors.tell()
            self.process = subprocess.Popen([CLIENT] + args + [str(pid)], stdout=stdout, stderr=self.errors)
        self.pid = self.process.pid

    def said(self):
        """What it, or another one, complained about since it began."""
        with open(os.path.join(folder(), 'stderr'), 'rb') as file:
            file.seek(self.from_byte)
            return file.read().decode(errors='replace').strip()

    def goes_on(self):
        status = self.process.poll()
        assert status is None, f'the client ended with {status}: {self.said()}'

    def watch(self):
        """Its watch and itself as 'list' has them, once it has subscribed."""
        def find():
            self.goes_on()
            for watch in listed():
                for subscriber in watch['subscribers']:
                    if subscriber['pid'] == self.pid:
                        return watch, subscriber
            return None
        return until(find, 'the client subscribes')

    def signal(self, number):
        os.kill(self.pid, number)

    def interrupt(self):
        """Returns its exit status."""
        self.signal(signal.SIGINT)
        return self.process.wait(TIMEOUT)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def wait_subscribed(clients):
    """Until all of them have subscribed."""
    def there():
        for one in clients:
            one.goes_on()
        pids = {subscriber['pid'] for watch in listed() for subscriber in watch['subscribers']}
        return pids >= {one.pid for one in clients}
    until(there, 'the clients subscribe')


class Recorder(Client):
    """What it writes is the model of the target's map."""

    def __init__(self, pid, *args):
        self.path = os.path.join(folder(), f'recording-{pid}')
        if os.path.exists(self.path):
            os.unlink(self.path)
        super().__init__(['record', '-o', self.path] + list(args), pid)

    def _replay(self, *args):
        done = subprocess.run([CLIENT, 'replay', *args, self.path], capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr.decode(errors='replace')

    def maps_at(self, seq):
        """The map after an event, once all up to it is in the file."""
        said = ''

        def there():
            nonlocal said
            assert self.process.poll() is None, f'the recorder ended with {self.process.poll()}: {self.said()}'
            status, out, said = self._replay('--maps-at', str(seq))
            return out if not status else None
        try:
            return until(there, f'event {seq} is in the recording')
        except TimeoutError as late:
            raise AssertionError(f'{late}; replay says: {said}') from late

    def caught_up(self):
        """Its watch and itself, once all that has happened is in the file, or known to be lost."""
        seq = self.watch()[0]['seq']
        try:
            self.maps_at(seq)
        except AssertionError as late:
            raise AssertionError(f'{late}\n{self.state()}') from late
        return self.watch()

    def state(self):
        """What it waits for, and what the module and its sockets have for it: to tell whose fault it is."""
        said = [f'watches: {listed()}']
        for name in 'wchan', 'syscall', 'stack':
            try:
                with open(f'/proc/{self.pid}/{name}', encoding='ascii') as file:
                    said.append(f'{name}: {file.read()}')
            except OSError as error:
                said.append(f'{name}: {error}')
        with open('/proc/net/netlink', encoding='ascii') as file:
            said += [line.rstrip() for line in file if line.startswith('sk') or line.split()[1] == '16']
        return '\n'.join(said)

    def maps(self):
        """The map at the end."""
        status, out, said = self._replay('--maps')
        assert not status, f'replay --maps ended with {status}: {said}'
        return out

    def coalesced(self):
        """How many events it has summed up in a new map, when it has ended."""
        return sum(int(number) for number in re.findall(r', (\d+) coalesced', self.said()))

    def records(self, *args):
        """All of it, as JSON has it."""
        status, out, said = self._replay('--json', *args)
        assert not status, f'replay ended with {status}: {said}'
        return [json.loads(line) for line in out.splitlines()]

    def summary(self, because=STOPPED):
        """Of a complete recording: how many events are in it, and how many were lost."""
        with open(self.path, 'rb') as file:
            file.seek(-END.size, os.SEEK_END)
            kind, _, _, _, reason, _, events, lost, _ = END.unpack(file.read())
        assert (kind, reason) == (6, because), f'the recording ends with a frame {kind}, for reason {reason}'
        return events, lost

    def last(self, count):
        """The last changes, in words."""
        _, out, said = self._replay('-q')
        return '\n'.join(out.decode(errors='replace').splitlines()[-count:] + [said])
