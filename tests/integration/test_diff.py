# SPDX-License-Identifier: GPL-2.0-only
"""What differs between maps: of processes, of files, of moments of a recording."""
import os

from harness import build, client
from harness.puppet import ANON, MAP_FIXED, PAGE, PROT_NONE, PROT_READ, RW, Puppet


def saved(name, data):
    path = os.path.join(build.folder(), name)
    with open(path, 'wb') as file:
        file.write(data)
    return path


def diff(a, b, *options):
    """The record of JSON."""
    result = client.run('diff', '--json', *options, a, b)
    assert result.status == client.DONE and not result.err, result
    record, = client.records(result.out)
    assert record['type'] == 'diff', record
    assert record['to']['bytes'] - record['from']['bytes'] == record['delta'], record
    assert sum(kind['net'] for kind in record['kinds']) == record['delta'], record
    return record


def kinds(record):
    return [(effect['kind'], effect.get('bytes'), effect.get('delta')) for effect in record['effects']]


def change(puppet, place):
    """A region that goes, one that comes, one that is protected, and the break."""
    puppet.call('munmap', place, 2 * PAGE)
    puppet.mmap(3 * PAGE, PROT_READ, ANON | MAP_FIXED, at=place + 4 * PAGE)
    puppet.call('mprotect', place + 10 * PAGE, PAGE, RW)
    puppet.call('brk', puppet.brk() + 100)


# What diff is to find of change(), the lowest address first; the heap is below.
PLAIN = [('map', PAGE, None), ('unmap', 2 * PAGE, None), ('protect', 3 * PAGE, None), ('protect', PAGE, None)]


def test_process_and_file():
    """a process against its map of before, and two files"""
    puppet = Puppet()
    place = puppet.mmap(64 * PAGE, PROT_NONE)
    before = saved('before', client.run('maps', '--json', puppet.pid).out)
    text = saved('before.txt', client.raw_maps(puppet.pid))
    for a, b in (before, puppet.pid), (puppet.pid, before), (before, before), (text, puppet.pid), (text, before), \
            (f'/proc/{puppet.pid}/maps', puppet.pid):
        record = diff(a, b)
        assert record['effects'] == [] and record['kinds'] == [], (a, b, record)
    assert client.run('diff', before, puppet.pid).out.endswith(b'\nno difference\n')
    change(puppet, place)
    record = diff(before, puppet.pid)
    assert kinds(record) == PLAIN + [('brk', None, 100)], record
    assert record['from']['pid'] == record['to']['pid'] == puppet.pid and record['to']['comm'] == 'puppet', record
    after = saved('after', client.run('maps', '--json', puppet.pid).out)
    assert diff(before, after)['effects'] == record['effects']
    assert [kind for kind, _, _ in kinds(diff(after, before))].count('map') == 1
    # /proc/PID/maps knows no break.
    assert kinds(diff(text, puppet.pid)) == PLAIN, diff(text, puppet.pid)
    result = client.run('diff', before, puppet.pid)
    assert b'\n= brk ' in result.out and b' all\n' in result.out, result


def test_recording():
    """moments of a recording"""
    puppet = Puppet()
    place = puppet.mmap(64 * PAGE, PROT_NONE)
    path = os.path.join(build.folder(), 'diff.vm')
    recorder = client.Watch(puppet.pid, json_lines=False, verb=('record', '-q', '-o', path)).ready(puppet.pid)
    start = saved('start', client.run('maps', '--json', puppet.pid).out)
    change(puppet, place)
    end = saved('end', client.run('maps', '--json', puppet.pid).out)
    recorder.interrupt()
    assert recorder.wait() == client.DONE, recorder.stderr()
    assert kinds(diff(f'{path}@0', path)) == PLAIN + [('brk', None, 100)]
    assert kinds(diff(f'{path}@0', f'{path}@1')) == [('unmap', 2 * PAGE, None)]
    assert kinds(diff(f'{path}@1', f'{path}@2')) == [('protect', 3 * PAGE, None)]
    assert kinds(diff(f'{path}@0', start)) == [] and kinds(diff(path, end)) == []
    assert kinds(diff(path, puppet.pid)) == []
    late = client.run('diff', f'{path}@99', path)
    assert late.status == client.ERROR and 'there is no event 99' in late.err and not late.out, late
    nobody = client.run('diff', '--pid', 1, path, path)
    assert nobody.status == client.ERROR and 'process 1 is not in' in nobody.err, nobody


def test_two_processes():
    """two processes, one of which does not exist"""
    one, other = Puppet(), Puppet()
    record = diff(one.pid, other.pid)
    assert record['from']['pid'] == one.pid and record['to']['pid'] == other.pid
    other.end()
    gone = client.run('diff', one.pid, other.pid)
    assert gone.status == client.NO_PROCESS and str(other.pid) in gone.err and not gone.out, gone
