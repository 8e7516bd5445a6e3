# SPDX-License-Identifier: GPL-2.0-only
"""Commands that are started under watch, shown or recorded."""
import os
import signal
import subprocess

from harness import build, client, kernel, netlink, space
from harness.puppet import Puppet
from harness.tap import defer
from harness.wait import TIMEOUT, until


def output(name):
    """A file for events that is not there yet."""
    path = os.path.join(build.folder(), name)
    if os.path.exists(path):
        os.unlink(path)
    return path


def records(path):
    with open(path, 'rb') as file:
        return client.records(file.read())


def moments(events):
    """Each map that the records tell, as /proc/PID/maps has it, from the exec on."""
    nothing = {'type': 'map', 'regions': [], 'map_count': 0, 'start_brk': '0x0', 'brk': '0x0', 'start_stack': '0x0'}
    inclusive = next(record['heap_inclusive'] for record in events if record['type'] == 'map')
    kept = space.Space({**nothing, 'heap_inclusive': inclusive, 'seq': events[0]['seq'] - 1})
    for record in events:
        if record['type'] == 'event':
            kept.apply(record)
            if not record.get('more'):
                yield kept.maps()
        elif record['type'] == 'map':
            assert space.Space(record).maps() == kept.maps(), 'the map is that of the exec'


def test_status():
    """the exit status is that of the command"""
    for status in 0, 1, 42, 255:
        result = client.run('run', '-q', 'sh', '-c', f'exit {status}')
        assert result.status == status, result
        assert not result.out and 'exited with status ' + str(status) in result.err, result


def test_killed():
    """a signal that ended the command ends the client, too"""
    for name in 'TERM', 'KILL', 'SEGV', 'USR1':
        result = client.run('run', '-q', 'sh', '-c', f'kill -{name} $$')
        assert result.status == -getattr(signal, f'SIG{name}'), result
        assert f'killed by SIG{name}' in result.err, result


def test_cannot_run():
    """what cannot be run: 127 or 126, a message, no events, and no watch is left"""
    plain = output('plain')
    with open(plain, 'wb') as file:
        file.write(b'nothing')
    for command, status, words in (('/nonexistent/x', 127, 'No such file'), ('nonexistent-x', 127, 'No such file'),
                                   (plain, 126, 'Permission denied'), ('/', 126, 'Permission denied')):
        for verb in ['run'], ['record', '-o', output('none.vm'), '--']:
            result = client.run(*verb, command)
            assert result.status == status and not result.out, result
            assert f"cannot run '{command}': {words}" in result.err, result
            assert 'exec' not in result.err, result
    assert not os.path.exists(output('none.vm'))
    hint = client.run('record', '-q', '-o', output('none.vm'), '--', '1234')
    assert 'leave out the --' in hint.err, hint
    netlink.none_left()


def test_streams():
    """standard input and output are the command's alone; events go to standard error, or into a file"""
    done = subprocess.run([client.CLIENT, 'run', '-q', 'cat'], input=b'one\ntwo\n', capture_output=True,
                          timeout=TIMEOUT, check=True)
    assert done.stdout == b'one\ntwo\n' and b'whole map replaced' in done.stderr, done
    path = output('events')
    done = subprocess.run([client.CLIENT, 'run', '-o', path, '--', 'sh', '-c', 'cat; echo drei >&2'],
                          input=b'one\n', capture_output=True, timeout=TIMEOUT, check=True)
    assert done.stdout == b'one\n' and done.stderr.startswith(b'drei\n'), done
    assert done.stderr.count(b'\n') == 2, f'nothing but the summary: {done.stderr}'
    with open(path, 'rb') as file:
        text = file.read()
    assert b'exited with status 0' in text and b'drei' not in text
    assert os.stat(path).st_mode & 0o777 == 0o600, 'addresses are secrets'


def test_from_exec_on():
    """nothing before the exec is shown, nothing after it is missed: the map is right at every moment"""
    path = output('events.json')
    done = subprocess.run([client.CLIENT, 'run', '--json', '-o', path, '--', 'cat', '/proc/self/maps'],
                          capture_output=True, timeout=TIMEOUT, check=True)
    found = records(path)
    first = found[0]
    assert first['type'] == 'event' and first['cause'] == 'exec' and first['comm'] == 'cat', first
    assert found[1]['type'] == 'map' and found[1]['exe'].endswith('/cat'), found[1]
    assert [record['seq'] for record in found if record['type'] != 'map'] == \
        list(range(first['seq'], first['seq'] + len(found) - 1)), 'no gap'
    assert found[-1]['type'] == 'exit' and found[-1]['end'] and found[-1]['exit_status'] == 0
    assert not [region for record in found if 'new' in record for region in record['new']
                if 'vasmon-client' in region.get('name', '')], "nothing of the client's own map"
    seen = b''.join(line for line in done.stdout.splitlines(keepends=True) if b'[vsyscall]' not in line)
    assert seen in list(moments(found)), 'what the command saw of itself is one of the maps that were told'


def test_signals():
    """signals are passed on, and the client ends as the command does"""
    for name in 'INT', 'TERM', 'HUP', 'QUIT', 'USR1', 'USR2':
        script = f'trap "exit 9" {name}; echo ready; while :; do sleep 0.02; done'
        process = subprocess.Popen([client.CLIENT, 'run', '-q', '-o', output('signals'), '--', 'sh', '-c', script],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        defer(process.kill)
        assert process.stdout.readline() == b'ready\n'
        process.send_signal(getattr(signal, f'SIG{name}'))
        assert process.wait(TIMEOUT) == 9, name
        process.stdout.close()


def test_inherited():
    """the command has the signals that the client was started with"""
    look = 'grep -E "^Sig(Blk|Ign)" /proc/self/status'
    plain = subprocess.run(['sh', '-c', look], capture_output=True, check=True, restore_signals=False)
    watched = subprocess.run([client.CLIENT, 'run', '-q', '-o', output('inherited'), 'sh', '-c', look],
                             capture_output=True, timeout=TIMEOUT, check=True, restore_signals=False)
    assert watched.stdout == plain.stdout, (watched.stdout, plain.stdout)
    plain = subprocess.run(['sh', '-c', look], capture_output=True, check=True)
    watched = subprocess.run([client.CLIENT, 'record', '-q', '-o', output('inherited'), '--', 'sh', '-c', look],
                             capture_output=True, timeout=TIMEOUT, check=True)
    assert watched.stdout == plain.stdout, (watched.stdout, plain.stdout)
    fds = subprocess.run([client.CLIENT, 'run', '-q', '-o', output('inherited'), 'ls', '/proc/self/fd'],
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=True)
    assert fds.stdout == b'0\n1\n2\n3\n', fds


def test_limits():
    """where a limit ends the watch, the command goes on to its end"""
    until_unwatched = 'while [ "$(vasmon-client list --json)" ]; do :; done'
    for limit in '--count=2', '--duration=0.01':
        result = client.run('run', '-q', limit, '--', 'sh', '-c', f'{until_unwatched}; true; echo end; exit 3')
        assert result.status == 3 and result.out == b'end\n', result
        assert 'exited' not in result.err, result


def test_listed():
    """the command is listed by its own name, not by that of who started it"""
    process = subprocess.Popen([client.CLIENT, 'run', '-q', 'sleep', '1000'], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    defer(process.wait)
    defer(process.kill)
    until(lambda: [watch['comm'] for watch in client.listed()] == ['sleep'], 'it is listed as what it is')
    os.kill(client.listed()[0]['pid'], signal.SIGKILL)


def test_nobody_reads():
    """where nobody reads the events any more, the command goes on to its end"""
    kernel.need_waiting()
    reader, writer = os.pipe()
    process = subprocess.Popen([client.CLIENT, 'run', '--lossless', 'sh', '-c', 'read x; ls / >&-; echo end; exit 4'],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=writer)
    defer(process.kill)
    os.close(writer)
    os.read(reader, 1)
    os.close(reader)
    out, _ = process.communicate(b'\n', timeout=TIMEOUT)
    assert process.returncode == 4 and out == b'end\n', (process.returncode, out)


def test_follow():
    """with -f the children of the command, too, each line with its process"""
    kernel.need_allocating_probes()
    path = output('follow.json')
    subprocess.run([client.CLIENT, 'run', '-f', '-q', '--json', '-o', path, 'sh', '-c', 'ls / >/dev/null; true'],
                   check=True, timeout=TIMEOUT, stderr=subprocess.DEVNULL)
    found = records(path)
    execs = [record['comm'] for record in found if record.get('cause') == 'exec']
    assert execs == ['sh', 'ls'], execs
    exits = [record for record in found if record['type'] == 'exit']
    assert len(exits) == 2 and exits[-1]['end'], exits
    result = client.run('run', '-f', '-q', 'sh', '-c', 'ls / >/dev/null; true')
    *lines, summary = result.err.splitlines()
    assert all(line.startswith('[pid ') for line in lines) and ' 0 missed' in summary, result


def test_record():
    """a command that is recorded is replayed from its exec on"""
    path = output('cat.vm')
    result = client.run('record', '-o', path, '--', 'sh', '-c', 'cat /proc/self/maps; exit 5')
    assert result.status == 5 and result.out, result
    shown = client.run('replay', '--json', path)
    found = client.records(shown.out)
    assert found[0]['cause'] == 'exec' and found[0]['comm'] == 'sh' and found[-1]['exit_status'] == 5, shown
    assert b'vasmon-client' not in shown.out, "nothing of the recorder's own map"
    early = client.run('replay', '--maps-at', 0, path)
    assert early.status == client.ERROR and 'begins with event' in early.err, early
    # The command's number is that of a process which is gone: nothing of it is left behind.
    netlink.none_left()


def test_beside_others():
    """another watch goes on while a command is run"""
    puppet = Puppet()
    watch = client.Watch('-q', puppet.pid).ready(puppet.pid)
    assert client.run('run', '-q', 'true').status == 0
    puppet.mmap(4096)
    assert watch.record()['syscall']['name'] == 'mmap'
