# SPDX-License-Identifier: GPL-2.0-only
"""The verb mark: a text among the events, live and recorded."""
import os

from harness import build, client
from harness.puppet import PAGE, Puppet

MARKS = ('before', 'two  words', '\033[31mred\n\u009b2J', 'x' * 255)
FILE = '/sys/kernel/debug/vasmon/mark'


def mark(pid, *words, status=client.DONE):
    result = client.run('mark', pid, *words)
    assert result.status == status and not result.out, result
    return result.err


def test_in_order():
    """marks stand where they were put, in text and JSON, and in a recording"""
    puppet = Puppet()
    path = os.path.join(build.folder(), 'marks.vm')
    recorder = client.Watch(puppet.pid, json_lines=False, verb=('record', '-q', '-o', path)).ready(puppet.pid)
    watch = client.Watch('-q', puppet.pid).ready(puppet.pid)
    text = client.Watch('-q', puppet.pid, json_lines=False).ready(puppet.pid)
    for number, words in enumerate(MARKS, 1):
        assert not mark(puppet.pid, words)
        puppet.mmap(number * 7 * PAGE)
    mark(puppet.pid, 'one', 'two', '-x')
    fd = puppet.open(FILE, os.O_WRONLY)
    puppet.call('write', fd, puppet.poke(b'by itself\n'), 10)
    puppet.end()
    events = watch.rest()
    said = [record.get('text') or record['syscall']['name'] for record in events if record['type'] == 'event']
    wanted = [one for words in MARKS for one in (words, 'mmap')] + ['one two -x', 'by itself']
    assert said == wanted, said
    marks = [record for record in events if record.get('cause') == 'mark']
    assert all(record['comm'] == 'vasmon-client' and not record['effects'] for record in marks[:-1]), marks
    assert marks[-1]['tid'] == puppet.pid and marks[-1]['comm'] == 'puppet', marks[-1]
    lines = text.rest()
    assert b' mark  # before' in lines[0] and b' mark  # \\033[31mred\\012\\302\\2332J' in lines[4], lines
    assert recorder.wait() == client.DONE
    shown = client.records(client.run('replay', '-q', '--json', path).out)
    keys = 'type', 'seq', 'ts', 'cause', 'tid', 'comm', 'text', 'delta'
    assert [[record.get(key) for key in keys] for record in shown] == \
        [[record.get(key) for key in keys] for record in events], 'a recording has the same'
    assert client.run('replay', '-q', '-e', '!mark', path).out.count(b'\n') == len(MARKS) + 1


def test_errors():
    """nobody watches, no such process, too long"""
    puppet = Puppet()
    assert 'nobody watches' in mark(puppet.pid, 'text', status=client.ERROR)
    assert 'vasmon-client list' in mark(puppet.pid, 'text', status=client.ERROR)
    client.Watch(puppet.pid).ready(puppet.pid)
    assert 'more than 255 bytes' in mark(puppet.pid, 'x' * 256, status=client.USAGE)
    assert 'more than 255 bytes' in mark(puppet.pid, 'x' * 200, 'x' * 55, status=client.USAGE)
    mark(puppet.pid, 'x' * 200, 'x' * 54)
    pid = puppet.pid
    puppet.end()
    assert str(pid) in mark(pid, 'text', status=client.NO_PROCESS)
    without = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    result = client.run('mark', os.getpid(), 'text', prefix=without)
    assert result.status == client.ERROR and 'CAP_SYS_PTRACE' in result.err, result
