# SPDX-License-Identifier: GPL-2.0-only
"""Runs vasmon-client."""
import collections
import json
import os
import select
import signal
import subprocess
import tempfile

from harness import kernel, pidfd, procfs
from harness.tap import defer
from harness.wait import TIMEOUT, until

CLIENT = 'vasmon-client'
DONE, ERROR, USAGE, NO_PROCESS = 0, 1, 2, 42

Result = collections.namedtuple('Result', 'status out err')


def run(*args, before=None, prefix=(), timeout=TIMEOUT):
    """Run it to its end. out is bytes, err is text."""
    done = subprocess.run([*prefix, CLIENT, *map(str, args)], capture_output=True, timeout=timeout, preexec_fn=before,
                          check=False)
    return Result(done.returncode, done.stdout, done.stderr.decode(errors='replace'))


def raw_maps(pid):
    """What 'maps --raw' prints."""
    result = run('maps', '--raw', pid)
    assert result.status == DONE and not result.err, result
    return result.out


def records(out):
    """JSON Lines."""
    return [json.loads(line) for line in out.splitlines()]


def listed():
    """Who is watched, as the client has it."""
    result = run('list', '--json')
    assert result.status == DONE and not result.err, result
    return records(result.out)


class Watch:
    """A client that watches, or does what verb says; its output is read line by line."""

    def __init__(self, *args, json_lines=True, keep=False, verb=('watch',)):
        if '--lossless' in args:
            kernel.need_waiting()
        self.json = json_lines
        self.errors = tempfile.TemporaryFile()
        command = [CLIENT, *verb] + (['--json'] if json_lines else []) + [str(arg) for arg in args]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors)
        self.pid = self.process.pid
        self.data = b''
        self.lines = collections.deque()
        self.ended = False
        if not keep:
            defer(self.kill)

    def _read(self, timeout):
        """Read what there is. Returns whether there was anything."""
        fd = self.process.stdout.fileno()
        if self.ended or not select.select([fd], [], [], timeout)[0]:
            return False
        part = os.read(fd, 1 << 20)
        if not part:
            self.ended = True
            assert not self.data, f'the client ended within a line: {self.data}'
            return False
        *lines, self.data = (self.data + part).split(b'\n')
        self.lines.extend(lines)
        return True

    def line(self, timeout=TIMEOUT):
        """The next line as bytes, or None at the end."""
        while not self.lines and not self.ended:
            if not self._read(timeout) and not self.ended:
                raise TimeoutError(f'the client printed nothing more; on stderr: {self.stderr()}')
        return self.lines.popleft() if self.lines else None

    def record(self, timeout=TIMEOUT):
        """The next record of JSON, or None at the end."""
        line = self.line(timeout)
        return None if line is None else json.loads(line)

    def rest(self, timeout=TIMEOUT):
        """All that comes until it ends: lines, or records of JSON."""
        found = []
        while (one := (self.record if self.json else self.line)(timeout)) is not None:
            found.append(one)
        return found

    def stderr(self):
        return os.pread(self.errors.fileno(), 1 << 20, 0).decode(errors='replace')

    def ready(self, *pids):
        """Wait until it has subscribed to these."""
        def subscribed():
            found = {watch['pid'] for watch in listed()
                     if any(subscriber['pid'] == self.pid for subscriber in watch['subscribers'])}
            return set(pids) <= found
        until(lambda: subscribed() or self.process.poll() is not None, 'the client watches')
        assert self.process.poll() is None, self.stderr()
        return self

    def small_socket(self):
        """Let the socket of its events hold next to nothing."""
        portid, = {subscriber['portid'] for watch in listed() for subscriber in watch['subscribers']
                   if subscriber['pid'] == self.pid}
        pidfd.small_socket(self.pid, portid)
        return self

    def wait(self, timeout=TIMEOUT):
        """The exit status, once it ends by itself."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            where = [procfs.read(f'/proc/{self.pid}/{name}').decode() for name in ('stack', 'syscall', 'status')]
            raise TimeoutError(f'{error}; it is in {where}, and said {self.stderr()!r}') from error

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()
