# SPDX-License-Identifier: GPL-2.0-only
"""Several clients, several processes, and how a watch ends."""
import signal
import subprocess
import time

from harness import client, netlink, procfs, space
from harness.puppet import ANON, PAGE, PROT_READ, RW, Puppet
from harness.wait import TIMEOUT, until


def changes(puppet, count):
    """So many changes, an event each."""
    addr = puppet.mmap(2 * PAGE)
    for number in range(count - 1):
        puppet.call('mprotect', addr, PAGE, RW if number % 2 else PROT_READ)


def test_two_on_one():
    """two clients on one process: both get every event; one is killed, the other goes on"""
    puppet = Puppet()
    first, second = client.Watch(puppet.pid), client.Watch(puppet.pid)
    maps = [first.record(), second.record()]
    assert maps[0]['watch'] == maps[1]['watch']
    changes(puppet, 50)
    events = [[watch.record() for _ in range(50)] for watch in (first, second)]
    assert events[0] == events[1]
    first.process.kill()
    changes(puppet, 50)
    more = [second.record() for _ in range(50)]
    assert [event['seq'] for event in events[1] + more] == list(range(maps[1]['seq'] + 1, maps[1]['seq'] + 101))
    until(lambda: len(client.listed()[0]['subscribers']) == 1, 'the killed one is no subscriber any more')
    kept = space.Space(maps[1])
    for event in events[1] + more:
        kept.apply(event)
    assert kept.maps() == procfs.maps(puppet.pid)


def test_joins_late():
    """a client that comes later begins with the map as it is then"""
    puppet = Puppet()
    first = client.Watch(puppet.pid)
    number = first.record()['seq']
    changes(puppet, 20)
    second = client.Watch(puppet.pid)
    record = second.record()
    assert record['seq'] == number + 20
    assert space.Space(record).maps() == procfs.maps(puppet.pid)


def test_one_on_two():
    """one client on two processes"""
    puppets = [Puppet(), Puppet()]
    watch = client.Watch(*(puppet.pid for puppet in puppets))
    maps = {record['pid']: space.Space(record) for record in (watch.record(), watch.record())}
    assert set(maps) == {puppet.pid for puppet in puppets}
    for _ in range(10):
        for puppet in puppets:
            changes(puppet, 3)
    for _ in range(60):
        event = watch.record()
        maps[event['pid']].apply(event)
    for puppet in puppets:
        assert maps[puppet.pid].maps() == procfs.maps(puppet.pid)
    puppets[0].end()
    assert watch.record()['type'] == 'exit'
    changes(puppets[1], 1)
    assert watch.record()['pid'] == puppets[1].pid
    puppets[1].end()
    assert watch.record()['type'] == 'exit'
    assert watch.wait() == client.DONE


def test_text():
    """text: the map, then a line for each event"""
    puppet = Puppet()
    text, json = client.Watch(puppet.pid, json_lines=False), client.Watch('-q', puppet.pid)
    quiet = client.Watch('-q', puppet.pid, json_lines=False)
    for watch in text, json, quiet:
        watch.ready(puppet.pid)
    changes(puppet, 30)
    puppet.call('brk', puppet.brk() + 1)
    puppet.end()
    records, lines = json.rest(), quiet.rest()
    assert len(records) == 32 == len(lines), lines
    for record, line in zip(records[:-1], lines):
        assert record['syscall']['text'].encode() in line and b'puppet' in line, line
    assert b'brk(' in lines[-2] and b'killed' in lines[-1], lines[-2:]
    # Below the map, an empty line and then the same.
    shown = text.rest()
    timeless = [[line.split(None, 1)[1] for line in some] for some in (shown[shown.index(b'') + 1:], lines)]
    assert timeless[0] == timeless[1], shown


def test_killed():
    """a client killed with -9 leaves no watch behind"""
    puppets = [Puppet(), Puppet()]
    watch = client.Watch(*(puppet.pid for puppet in puppets)).ready(*(puppet.pid for puppet in puppets))
    watch.process.kill()
    netlink.none_left()
    assert not client.listed()
    for puppet in puppets:
        puppet.mmap(PAGE)


def test_exit():
    """the watch ends as the process exits, with status 0"""
    puppet = Puppet()
    watch = client.Watch(puppet.pid).ready(puppet.pid)
    puppet.end()
    assert watch.rest()[-1]['type'] == 'exit' and watch.wait() == client.DONE
    netlink.none_left()


def test_interrupted():
    """Ctrl-C ends it: status 0, no watch left"""
    for number in signal.SIGINT, signal.SIGTERM:
        puppet = Puppet()
        watch = client.Watch(puppet.pid).ready(puppet.pid)
        changes(puppet, 5)
        watch.process.send_signal(number)
        assert watch.wait() == client.DONE, watch.stderr()
        assert len(watch.rest()) == 6 and '5 events' in watch.stderr(), watch.stderr()
        netlink.none_left()


def test_count():
    """--count ends it after so many events"""
    puppet = Puppet()
    watch = client.Watch('-q', '--count=7', puppet.pid).ready(puppet.pid)
    changes(puppet, 20)
    assert watch.wait() == client.DONE
    assert [event['seq'] for event in watch.rest()] == list(range(1, 8))
    netlink.none_left()


def test_duration():
    """--duration ends it after so long, not before"""
    puppet = Puppet()
    start = time.monotonic()
    watch = client.Watch('--duration=1.5', puppet.pid)
    assert watch.wait() == client.DONE
    assert time.monotonic() - start >= 1.5
    assert [record['type'] for record in watch.rest()] == ['map']
    netlink.none_left()


def test_list():
    """list: who is watched, by whom, how many events"""
    puppets = [Puppet(), Puppet()]
    both = client.Watch(*(puppet.pid for puppet in puppets)).ready(*(puppet.pid for puppet in puppets))
    one = client.Watch(puppets[0].pid).ready(puppets[0].pid)
    changes(puppets[0], 12)
    for _ in range(14):
        both.record()
    for _ in range(13):
        one.record()
    until(lambda: all(s['sent'] == 12 for s in client.listed()[0]['subscribers']), 'all is counted as sent')
    watches = {watch['pid']: watch for watch in client.listed()}
    assert set(watches) == {puppet.pid for puppet in puppets}
    first = watches[puppets[0].pid]
    assert {s['pid'] for s in first['subscribers']} == {both.pid, one.pid} and first['seq'] == 12
    assert first['comm'] == 'puppet' and first['regions'] == len(procfs.regions(puppets[0].pid))
    assert [(s['comm'], s['lost'], s['overruns']) for s in first['subscribers']] == [('vasmon-client', 0, 0)] * 2
    assert [s['pid'] for s in watches[puppets[1].pid]['subscribers']] == [both.pid]
    text = client.run('list').out
    assert b'puppet' in text and b'%d' % puppets[0].pid in text and b'vasmon-client' in text


def test_pid_namespace():
    """a client in a pid namespace of its own sees its own ids, and nobody outside"""
    puppet = Puppet()
    # As init of the namespace, with a process of its own to look at.
    script = f"""
        mount -t proc proc /proc
        sleep 100000 &
        until grep -q nanosleep /proc/$!/wchan; do :; done
        vasmon-client maps --json $!
        vasmon-client maps --raw $! | cmp - /proc/$!/maps || exit 99
        vasmon-client maps {puppet.pid}
        status=$?
        kill $!
        exit $status
    """
    done = subprocess.run(['unshare', '--mount', '--pid', '--fork', 'sh', '-c', script], capture_output=True,
                          check=False)
    assert done.returncode == client.NO_PROCESS, done
    assert b'"pid":3,' in done.stdout and b'no such process' in done.stderr, done
    assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)


def test_proc_of_another_namespace():
    """in a pid namespace of its own, but with the old /proc: a process there is another one, and tells nothing"""
    script = """
        sleep 100000 &
        vasmon-client maps --json $!
        status=$?
        vasmon-client maps -x $! >/dev/null && exit 99
        kill $!
        exit $status
    """
    done = subprocess.run(['unshare', '--pid', '--fork', 'sh', '-c', script], capture_output=True, check=False)
    assert done.returncode == client.DONE and b'mount -t proc none /proc' in done.stderr, done
    record, = client.records(done.stdout)
    assert record['pid'] < 10 and record['map_count'] > 5, record
    whats = [region['what'] for region in record['regions'] if region.get('what', {}).get('is') in
             ('program', 'library', 'loader')]
    assert whats and not any('sections' in what for what in whats), whats
    assert not any(what['certain'] for what in whats if what['is'] != 'program'), whats


def test_reader_gone():
    """who reads the output is gone: the client ends"""
    puppet = Puppet()
    watch = client.Watch(puppet.pid).ready(puppet.pid)
    watch.record()
    watch.process.stdout.close()
    puppet.call('mmap', 0, PAGE, RW, ANON, -1, 0)
    assert watch.process.wait(TIMEOUT) == client.DONE
    netlink.none_left()
