# SPDX-License-Identifier: GPL-2.0-only
"""Sums over events: live, of a command, of a recording."""
import os
import signal
import time

from harness import build, client, netlink
from harness.overrun import flood, overrun
from harness.puppet import PAGE, PROT_READ, Puppet, go_on, stop
from harness.tap import defer
from harness.wait import until


def stat(*args):
    """The one record of JSON that it prints."""
    result = client.run('stat', '--json', *args)
    assert result.status == client.DONE, result
    records = client.records(result.out)
    assert len(records) == 1 and records[0]['type'] == 'stat', records
    return records[0]


def named(lines):
    return {line['name']: line for line in lines}


def sums(line):
    assert line['net'] == line['mapped'] - line['unmapped'], line
    return line['events'], line['mapped'], line['unmapped']


def doings(puppet):
    """Known numbers of everything. Nothing merges: each other page is another."""
    addr = puppet.mmap(64 * PAGE, PROT_READ)
    for page in range(10):
        puppet.call('munmap', addr + 2 * page * PAGE, PAGE)
    end = puppet.brk()
    puppet.call('brk', end + 3 * PAGE)
    puppet.call('brk', end + PAGE)


def check(record):
    causes, kinds = named(record['causes']), named(record['kinds'])
    assert sums(causes['mmap']) == (1, 64 * PAGE, 0), record
    assert sums(causes['munmap']) == (10, 0, 10 * PAGE), record
    assert sums(causes['brk']) == (2, 3 * PAGE, 2 * PAGE), record
    assert sums(kinds['grow']) == (1, 3 * PAGE, 0) and sums(kinds['shrink']) == (1, 0, 2 * PAGE), record
    assert kinds['brk']['events'] == 2 and kinds['unmap']['events'] == 10, record
    assert record['events'] == 14 and record['missed'] == 0 and record['causes'][0]['name'] == 'munmap', record
    assert sums(record) == (14, 67 * PAGE, 12 * PAGE), record
    assert named(record['places'])['[heap]']['net'] == PAGE, record
    assert sum(place['net'] for place in record['places']) == record['net'], record


def test_live():
    """of a process, until it ends"""
    puppet = Puppet()
    watch = client.Watch('--json', puppet.pid, json_lines=False, verb=('stat',)).ready(puppet.pid)
    doings(puppet)
    before = len(client.raw_maps(puppet.pid).splitlines())
    puppet.end()
    record, = client.records(b'\n'.join(watch.rest()))
    check(record)
    assert watch.wait() == client.DONE
    assert record['map_count'] == before and record['map_count_max'] >= before, (record, before)
    with open('/proc/sys/vm/max_map_count', encoding='ascii') as file:
        assert record['max_map_count'] == int(file.read())


def test_interrupt():
    """Ctrl-C, and --duration: the figures come all the same"""
    puppet = Puppet()
    watch = client.Watch(puppet.pid, json_lines=False, verb=('stat',)).ready(puppet.pid)
    doings(puppet)
    watch.interrupt()
    text = b'\n'.join(watch.rest()).decode()
    assert '13 events in ' in text and ' munmap\n' in text and ' total\n' in text, text
    assert watch.wait() == client.DONE and not watch.stderr(), watch.stderr()
    record = stat('--duration', '0.1', puppet.pid)
    assert record['events'] == 0 and record['map_count'] > 5, record
    spent = float(record['ts']) - float(record['ts_from'])
    assert 0.05 < spent, 'it lasted until it was ended'
    netlink.none_left()


def test_recording():
    """of a recording: the same as live"""
    puppet = Puppet()
    path = os.path.join(build.folder(), 'stat.vm')
    recorder = client.Watch(puppet.pid, json_lines=False, verb=('record', '-q', '-o', path)).ready(puppet.pid)
    doings(puppet)
    puppet.end()
    assert recorder.wait() == client.DONE, recorder.stderr()
    check(stat('-i', path))
    assert stat('-i', path, '-e', 'cause=mmap')['events'] == 2, 'the mmap, and the exit'
    result = client.run('stat', '--leaks', '-k', '-i', path)
    assert result.status == client.DONE and f'{path} has no call chains: record -k' in result.err, result


def test_command():
    """of a command: its output and status are its own"""
    path = os.path.join(build.folder(), 'stat.json')
    result = client.run('stat', '--json', '-o', path, '--', 'sh', '-c', 'echo out; exit 7')
    assert result.status == 7 and result.out == b'out\n' and not result.err, result
    with open(path, 'rb') as file:
        record, = client.records(file.read())
    causes = named(record['causes'])
    assert causes['exec']['events'] == 1 and causes['exit']['events'] == 1 and causes['mmap']['events'] > 3, record
    places = named(record['places'])
    assert not [name for name in places if 'vasmon-client' in name], places
    assert places['[stack]']['net'] >= 132 << 10, places
    result = client.run('stat', '--', 'true')
    assert result.status == 0 and not result.out and ' total\n' in result.err, result


def test_leaks():
    """what is never unmapped is named, and what is unmapped is not"""
    puppet = Puppet()
    watch = client.Watch('--json', '--leaks', puppet.pid, json_lines=False, verb=('stat',)).ready(puppet.pid)
    kept = [puppet.mmap(5 * PAGE) for _ in range(20)]
    for _ in range(30):
        puppet.call('munmap', puppet.mmap(9 * PAGE), 9 * PAGE)
    for addr in kept[:3]:
        puppet.call('munmap', addr, 5 * PAGE)
    puppet.call('munmap', kept[3] + PAGE, PAGE)
    puppet.end()
    record, = client.records(b'\n'.join(watch.rest()))
    assert [(leak['bytes'], leak['count'], leak['left'], leak['caller']) for leak in record['leaks']] == \
        [(5 * PAGE, 17, 17 * 5 * PAGE - PAGE, 'mmap by puppet')], record['leaks']


def test_interval():
    """a line at each interval, and each event is in one of them"""
    puppet = Puppet()
    watch = client.Watch('--json', '--interval', '0.1', puppet.pid, json_lines=False, verb=('stat',))
    watch.ready(puppet.pid)
    lines = []
    for done in 13, 26, 39:
        doings(puppet)
        while sum(line['events'] for line in lines) < done:
            lines += client.records(watch.line())
        assert sum(line['events'] for line in lines) == done, lines
    os.kill(puppet.pid, signal.SIGKILL)
    *rest, last = client.records(b'\n'.join(watch.rest()))
    lines += rest
    assert all(line['type'] == 'interval' for line in lines) and last['type'] == 'stat'
    times = [float(line['ts']) for line in lines]
    assert all(0.0999 < b - a < 0.1001 for a, b in zip(times, times[1:])), times
    # What came after the last line, if anything, is the exit.
    assert last['events'] == 40 and sum(line['events'] for line in lines) in (39, 40), (lines, last)


def test_stopped():
    """a client that was stopped while much was lost: all that happened is counted, one by one or together"""
    puppet = Puppet()
    watch = client.Watch('--json', '--interval=0.1', f'--ring-size={netlink.SMALLEST_RING}', puppet.pid,
                         json_lines=False, verb=('stat',)).ready(puppet.pid)
    number, = netlink.watches()
    stop(watch.pid)
    until(lambda: flood(puppet) or overrun(number, watch.pid), 'its ring has gone round')
    last = netlink.number(netlink.watches()[number], netlink.WATCH_SEQ)
    go_on(watch.pid)
    counted = 0
    while counted < last:
        counted += client.records(watch.line())[0]['events']
    assert counted == last
    puppet.end()
    record = client.records(b'\n'.join(watch.rest()))[-1]
    assert record['events'] == last + 1 and 0 < record['missed'] <= last, (last, record)


def test_interval_late():
    """events that were read late count where they belong"""
    puppet = Puppet()
    watch = client.Watch('--json', '--interval', '0.4', puppet.pid, json_lines=False, verb=('stat',))
    line, = client.records(watch.ready(puppet.pid).line())
    os.kill(watch.pid, signal.SIGSTOP)

    def later_than(seconds):
        return time.clock_gettime(time.CLOCK_BOOTTIME) > float(line['ts']) + seconds

    until(lambda: later_than(0.4), 'the next line is due')
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    puppet.mmap(PAGE, PROT_READ)
    after = time.clock_gettime(time.CLOCK_BOOTTIME)
    until(lambda: later_than(1.2), 'two more are due')
    os.kill(watch.pid, signal.SIGCONT)
    counted = line
    while not counted['events']:
        counted, = client.records(watch.line())
    assert before <= float(counted['ts']) <= after + 0.4 and counted['events'] == 1, (before, after, counted)
    puppet.end()
    watch.rest()
    assert watch.wait() == client.DONE


def test_reader_gone():
    """who reads is gone: it ends"""
    puppet = Puppet()
    watch = client.Watch('--interval', '0.05', puppet.pid, json_lines=False, verb=('stat',)).ready(puppet.pid)
    watch.line()
    watch.process.stdout.close()
    defer(setattr, watch.process, 'stdout', open(os.devnull, 'rb'))
    assert watch.wait() == client.DONE, watch.stderr()
