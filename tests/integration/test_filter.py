# SPDX-License-Identifier: GPL-2.0-only
"""Filters: what is shown, while the map is kept by everything."""
import os

from harness import build, client
from harness.netlink import EVENT_STACK, EVENT_SYSCALL, Netlink, number
from harness.puppet import NUMBERS, PAGE, PROT_READ, Puppet, RW

# What each filter is to show of doings(), by the names of their calls.
EXPECTED = (
    ([], ['mmap', 'mmap', 'mprotect', 'brk', 'brk', 'munmap']),
    (['-e', 'map'], ['mmap', 'mmap']),
    (['-e', 'cause=mmap,munmap'], ['mmap', 'mmap', 'munmap']),
    (['-e', 'cause=!mmap'], ['mprotect', 'brk', 'brk', 'munmap']),
    (['-e', 'protect,unmap'], ['mprotect', 'munmap']),
    (['-e', '!brk'], ['mmap', 'mmap', 'mprotect', 'munmap']),
    (['-e', 'region=heap'], ['brk', 'brk']),
    (['-e', 'map', '--min-size', '1M'], ['mmap']),
    (['--path', '*.filtered'], ['mmap', 'mprotect', 'munmap']),
    (['--tid', '1'], []),
)


def doings(puppet):
    """Calls of several kinds, each of which changes something."""
    puppet.mmap(1 << 20)
    fd = puppet.open(build.new_file('some.filtered'))
    addr = puppet.mmap(8 * PAGE, PROT_READ, 2, fd)
    puppet.call('mprotect', addr, 8 * PAGE, RW)
    end = puppet.brk()
    puppet.call('brk', end + 4 * PAGE)
    puppet.call('brk', end)
    puppet.call('munmap', addr, 8 * PAGE)


def test_live():
    """several clients, each with another filter"""
    puppet = Puppet()
    watches = [client.Watch('-q', *options, puppet.pid).ready(puppet.pid) for options, _ in EXPECTED]
    doings(puppet)
    puppet.end()
    for watch, (options, wanted) in zip(watches, EXPECTED):
        *shown, last = watch.rest()
        assert last['type'] == 'exit', options
        assert [event['syscall']['name'] for event in shown] == wanted, (options, shown)
        assert watch.wait() == client.DONE and ' 0 missed' in watch.stderr(), watch.stderr()


def test_replay():
    """a recording, and its map at the end is not filtered"""
    puppet = Puppet()
    path = os.path.join(build.folder(), 'filtered.vm')
    recorder = client.Watch(puppet.pid, json_lines=False, verb=('record', '-q', '-o', path)).ready(puppet.pid)
    doings(puppet)
    addr = puppet.mmap(3 * PAGE)
    seen = client.raw_maps(puppet.pid)
    puppet.end()
    assert recorder.wait() == client.DONE, recorder.stderr()
    for options, wanted in EXPECTED:
        wanted = wanted + ['mmap'] * (not options or options in (['-e', 'map'], ['-e', 'cause=mmap,munmap'],
                                                                 ['-e', '!brk']))
        result = client.run('replay', '-q', '--json', *options, path)
        shown = [record['syscall']['name'] for record in client.records(result.out) if record['type'] == 'event']
        assert shown == wanted, (options, shown)
    assert client.run('replay', '--maps', '-e', 'map', path).out == seen
    tid = client.run('replay', '-q', '--tid', puppet.pid, '--range', f'{addr:x}-{addr + 1:x}', path)
    assert tid.out.count(b'\n') == 2 and b'mmap(NULL, 12288' in tid.out, tid


def test_count():
    """--count counts what is shown"""
    puppet = Puppet()
    watch = client.Watch('-q', '-e', 'unmap', '--count=1', puppet.pid).ready(puppet.pid)
    doings(puppet)
    events = watch.rest()
    assert [event['syscall']['name'] for event in events] == ['munmap'], events
    assert watch.wait() == client.DONE


def test_stack():
    """growth of a stack, which no call asked for"""
    puppet = Puppet()
    watch = client.Watch('-q', '-e', 'stack', puppet.pid).ready(puppet.pid)
    puppet.mmap(PAGE)
    puppet.store(puppet.threads[0].sp - (256 << 10))
    event = watch.record()
    assert event['cause'] == 'fault' and event['effects'][0]['grew'], event


def test_chains():
    """with -k, chains are captured of what the filter can show, and the others' stacks are not read"""
    for options, wanted in ((['-e', 'protect'], {'mmap', 'mprotect'}), (['-e', 'cause=munmap,brk'], {'munmap', 'brk'}),
                            (['-e', 'grow', '-e', 'cause=!brk'], set()),
                            (['--path', '*.filtered'], {'mmap', 'mprotect', 'munmap', 'brk'}), (['--tid', '1'], set())):
        puppet = Puppet()
        watch = client.Watch('-q', '-k', *options, puppet.pid).ready(puppet.pid)
        # Wants nothing itself, and has what the client wants.
        with Netlink() as nl:
            nl.watch(puppet.pid, callchain=True, stack_size=64, causes=0)
            doings(puppet)
            seen = {}
            while len(seen) < 4:
                for event in map(dict, nl.events()):
                    seen.setdefault(number(event.items(), EVENT_SYSCALL), set()).add(EVENT_STACK in event)
        expected = {NUMBERS[call]: {call in wanted} for call in ('mmap', 'mprotect', 'munmap', 'brk')}
        assert seen == expected, (options, seen)
        puppet.end()
        shown = [event for event in watch.rest() if event['type'] == 'event']
        assert all(event['callchain'] for event in shown), shown
        assert watch.wait() == client.DONE and ' 0 missed' in watch.stderr(), watch.stderr()
