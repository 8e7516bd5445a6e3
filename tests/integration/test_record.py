# SPDX-License-Identifier: GPL-2.0-only
"""record and replay where something goes wrong: disks, readers, and recorders that end in the midst of it."""
import os
import signal
import struct
import subprocess
import tempfile

from harness import build, client, module, netlink, procfs
from harness.client import CLIENT
from harness.puppet import ANON, PAGE, PROT_NONE, PROT_READ, RW, Puppet
from harness.tap import defer
from harness.wait import TIMEOUT, until

# The header, and what each frame begins with: see client/RECORDING.md.
HEADER = 152
FRAME = struct.Struct('=4I')
EVENT, END = 1, 6


class Recorder:
    """A client that records; path: where to."""

    def __init__(self, pid, *options, path=None):
        self.path = path or f'{build.folder()}/recording-{pid}'
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([CLIENT, 'record', *options, '-o', self.path, str(pid)], stderr=self.errors)
        defer(self.end)

    def stderr(self):
        return os.pread(self.errors.fileno(), 1 << 16, 0).decode(errors='replace')

    def ready(self):
        """Wait until the first map is in the file."""
        until(lambda: 'recording process' in self.stderr() or self.process.poll() is not None, 'it records')
        assert self.process.poll() is None, self.stderr()
        return self

    def has(self, seq):
        """Wait until that event is in the file."""
        until(lambda: not replay(self.path, '--maps-at', seq).status, f'event {seq} is in the file')
        return self

    def end(self):
        self.process.kill()
        self.process.wait()
        self.errors.close()
        if os.path.exists(self.path) and not os.path.ismount(self.path):
            os.unlink(self.path)


def replay(path, *options):
    return client.run('replay', *options, path)


def frames(data):
    """Type and end of each whole frame."""
    found, at = [], HEADER
    while at + FRAME.size <= len(data):
        kind, length, _, _ = FRAME.unpack_from(data, at)
        at += FRAME.size + (length + 7 & ~7)
        if at <= len(data):
            found.append((kind, at))
    return found


def recorded(changes=8):
    """A puppet that made some changes, and its maps after each of them; and the whole recording."""
    puppet = Puppet()
    recorder = Recorder(puppet.pid).ready()
    maps = [procfs.maps(puppet.pid)]
    for number in range(changes):
        puppet.mmap((number + 2) * PAGE, PROT_READ if number % 2 else RW)
        maps.append(procfs.maps(puppet.pid))
    recorder.has(changes)
    recorder.process.send_signal(signal.SIGINT)
    assert recorder.process.wait(TIMEOUT) == client.DONE, recorder.stderr()
    with open(recorder.path, 'rb') as file:
        return maps, file.read()


def write(data):
    path = os.path.join(build.folder(), 'cut')
    with open(path, 'wb') as file:
        file.write(data)
    return path


def test_torn():
    """cut off anywhere near its end: all that is whole is replayed, and it is told that there is no end"""
    maps, data = recorded()
    ends = frames(data)
    assert ends[-1] == (END, len(data)) and [kind for kind, _ in ends].count(EVENT) == len(maps) - 1
    first = ends[-5][1]
    whole = {end for _, end in ends}
    # At the borders of frames, and beside them, and a few between.
    lengths = {at for end in whole if end >= first for at in (end - 8, end - 1, end, end + 1, end + 16)}
    lengths |= set(range(first, len(data), 97))
    for length in sorted(length for length in lengths if first <= length < len(data)):
        path = write(data[:length])
        events = sum(1 for kind, end in ends if kind == EVENT and end <= length)
        result = replay(path, '--maps')
        assert result.status == client.DONE and result.out == maps[events], (length, result.err)
        border = max(end for end in whole if end <= length)
        told = f'has no end, its last event is {events}:' if border == length else \
            f'is cut off at byte {border}, after event {events}:'
        assert told in result.err, (length, result.err)
    # Each moment can still be had.
    path = write(data[:ends[-3][1]])
    for number in range(len(maps) - 2):
        assert replay(path, '--maps-at', number).out == maps[number]
    result = replay(path, '--maps-at', len(maps))
    assert result.status == client.ERROR and not result.out and 'there is no event' in result.err, result


def test_within_header():
    """cut off within its header, or empty: nothing to show, status 1"""
    _, data = recorded(1)
    for length in 0, 1, 7, 8, 11, 12, 15, 16, 100, HEADER - 1:
        result = replay(write(data[:length]))
        assert result.status == client.ERROR and not result.out, (length, result)
        assert ('is empty' if not length else 'ends within its header') in result.err, (length, result)


def test_not_ours():
    """what is no recording, of another version, or of another machine's byte order: said, status 1"""
    _, data = recorded(1)
    wrong = {
        'is not a recording': [b'hello, world\n', os.urandom(4096), b'\x7fELF' + bytes(200), data[1:]],
        'version 2': [data[:12] + struct.pack('=I', 2) + data[16:]],
        'other byte order': [data[:8] + data[11:7:-1] + data[12:]],
        'damaged header': [data[:30] + b'\xff' + data[31:]],
        'is damaged at byte': [data[:HEADER + 4] + b'\xff' + data[HEADER + 5:]],
    }
    for words, files in wrong.items():
        for content in files:
            for options in (), ('--maps',):
                result = replay(write(content), *options)
                assert result.status == client.ERROR and words in result.err and not result.out, (words, result)
    for path, words in ('/there/is/none', 'No such file'), ('/tmp', 'directory'):
        result = replay(path)
        assert result.status == client.ERROR and words in result.err and not result.out, result


def test_killed():
    """a recorder that is killed with -9: what it wrote can be replayed, and nothing of it is left in the module"""
    puppet = Puppet()
    recorder = Recorder(puppet.pid).ready()
    for _ in range(20):
        puppet.mmap(3 * PAGE, PROT_NONE)
        puppet.mmap(2 * PAGE, PROT_READ)
    recorder.has(40)
    seen = procfs.maps(puppet.pid)
    recorder.process.kill()
    recorder.process.wait()
    netlink.none_left()
    puppet.mmap(PAGE)
    result = replay(recorder.path, '--maps')
    assert result.status == client.DONE and result.out == seen and 'has no end' in result.err, result


def small_disk(size):
    """A file system that is full soon. Returns its folder."""
    folder = tempfile.mkdtemp(prefix='disk-', dir=build.folder())
    subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}', 'tmpfs', folder], check=True)
    defer(subprocess.run, ['umount', folder])
    return folder


def test_full_disk():
    """the disk is full: the recorder says so and ends, the process goes on, and what was written can be replayed"""
    puppet = Puppet()
    recorder = Recorder(puppet.pid, path=small_disk('64k') + '/recording').ready()
    puppet.call('mmap', 0, PAGE, PROT_READ, ANON, -1, 0, count=1000)
    assert recorder.process.wait(TIMEOUT) == client.ERROR
    said = recorder.stderr()
    assert 'No space left' in said and 'can be replayed' in said and recorder.path in said, said
    netlink.none_left()
    assert os.stat(recorder.path).st_size <= 65536
    result = client.run('replay', '-q', '--json', recorder.path)
    assert result.status == client.DONE, result.err
    seqs = [record['seq'] for record in client.records(result.out)]
    assert seqs == list(range(1, len(seqs) + 1)) and 10 < len(seqs) < 1000, seqs
    assert 'cut off' in result.err or 'has no end' in result.err, result.err


def test_no_room():
    """no room for as much as the first map: said, and no watch is left"""
    puppet = Puppet()
    folder = small_disk('4k')
    with open(folder + '/filler', 'wb') as file:
        file.write(bytes(4096))
    result = client.run('record', '-o', folder + '/recording', puppet.pid)
    assert result.status == client.ERROR and 'No space left' in result.err, result
    assert not netlink.watches()
    result = client.run('record', '-o', '/there/is/none', puppet.pid)
    assert result.status == client.ERROR and 'No such file' in result.err, result
    assert not netlink.watches()


def test_old_recording():
    """a recording that is there already stays until there is a new one"""
    _, data = recorded(1)
    path = write(data)
    for pid, status in (999999, client.NO_PROCESS), (2, client.ERROR):
        assert client.run('record', '-o', path, pid).status == status
        with open(path, 'rb') as file:
            assert file.read() == data


def test_unloaded():
    """rmmod while it records: status 1, and the recording says so, and is whole"""
    puppet = Puppet()
    recorder = Recorder(puppet.pid).ready()
    puppet.call('mmap', 0, PAGE, PROT_READ, ANON, -1, 0, count=500)
    seen = procfs.maps(puppet.pid)
    module.unload()
    assert recorder.process.wait(TIMEOUT) == client.ERROR and 'unloaded' in recorder.stderr(), recorder.stderr()
    result = replay(recorder.path, '--maps')
    assert result.status == client.DONE and result.out == seen and 'unloaded' in result.err, result.err


def printers(puppet, path):
    """Each way to print something, with what is needed."""
    return (['maps', puppet.pid], ['maps', '--raw', puppet.pid], ['maps', '--json', puppet.pid], ['replay', path],
            ['replay', '--json', path], ['replay', '--maps', path], ['list'], ['list', '--json'])


def test_reader_gone():
    """nobody reads what is printed (EPIPE): the end, and no error"""
    puppet = Puppet()
    puppet.many_regions(2000)
    with netlink.Netlink() as nl:
        nl.watch(puppet.pid)
        _, data = recorded(2)
        for args in printers(puppet, write(data)):
            read, to = os.pipe()
            os.close(read)
            done = subprocess.run([CLIENT, *map(str, args)], stdout=to, stderr=subprocess.PIPE, check=False)
            os.close(to)
            assert done.returncode == client.DONE, (args, done)
            assert b'rror' not in done.stderr and b'Broken' not in done.stderr, (args, done)


def test_output_closed():
    """there is no standard output at all: said, status 1"""
    puppet = Puppet()
    with netlink.Netlink() as nl:
        nl.watch(puppet.pid)
        _, data = recorded(2)
        for args in printers(puppet, write(data)) + (['watch', puppet.pid],):
            done = subprocess.run(['sh', '-c', 'exec "$@" >&-', 'sh', CLIENT, *map(str, args)], stderr=subprocess.PIPE,
                                  check=False, timeout=TIMEOUT)
            assert done.returncode == client.ERROR and b'Bad file descriptor' in done.stderr, (args, done)
