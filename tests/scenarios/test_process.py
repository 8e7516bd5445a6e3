# SPDX-License-Identifier: GPL-2.0-only
"""Whole processes: what their memory is, and how it comes and goes."""
import os
import subprocess

from harness import build, client, procfs
from harness.puppet import stop
from harness.space import Space
from harness.wait import until
from scenario import Scenario, maps, program, region_at

PAGE = 4096
# The system call.
POLL = 7


def test_same_address():
    """the same address in two processes: different values, and neither watch sees the other's events"""
    one, two = Scenario('same', 1, aslr=False), Scenario('same', 2, aslr=False)
    for scenario in one, two:
        scenario.next()
    assert one.value('address') == two.value('address')
    for scenario in one, two:
        record = maps(scenario.pid, hex(scenario.value('address')))
        assert region_at(record, scenario.value('address'))['what']['is'] == 'program'
    for scenario in one, two:
        scenario.end()
    assert (one.value('value'), two.value('value')) == (1, 2)
    for scenario in one, two:
        assert {event['pid'] for event in scenario.events} == {scenario.pid}
        sizes = [size for kind, size, _ in scenario.effects('begin') if kind == 'map']
        assert sizes == [PAGE * scenario.value('value')], sizes


def test_sections():
    """which sections lie in which region, and each address falls where it should"""
    scenario = Scenario('sections', watched=False)
    record = maps(scenario.pid)
    perms = {'.text': 'r-xp', '.rodata': 'r--p', '.data': 'rw-p', '.bss': 'rw-p'}
    for section, perm in perms.items():
        region = region_at(record, scenario.value(section))
        assert section in region['what']['sections'] and region['perms'] == perm, (section, region)
        assert region['what']['is'] == 'program' and region['what']['certain'], region
    for kind in 'heap', 'stack':
        region = region_at(record, scenario.value(kind))
        assert region['what'] == {'is': kind, 'certain': True} and region['perms'] == 'rw-p', region
    # .bss is larger than what is left of .data's last page: the rest has no file.
    region = region_at(record, scenario.value('.bss'))
    assert region['what']['file'] == program('sections') and 'name' not in region, region
    for region in record['regions']:
        size = int(region['end'], 16) - int(region['start'], 16)
        assert region['bytes'] == size
    kinds = {region['what']['is'] for region in record['regions'] if 'what' in region}
    assert {'program', 'library', 'loader', 'heap', 'stack', 'vdso', 'vvar'} <= kinds, kinds
    text = client.run('maps', scenario.pid).out.decode()
    assert f'{region_at(record, scenario.value("heap"))["bytes"]}  132.0 KiB          - [heap]\n' in text, text
    assert '(program: .text' in text and '(program sections: .bss)' in text, text


def test_gaps():
    """what is between the regions, the huge gap between heap and libraries included"""
    scenario = Scenario('sections', watched=False)
    record = maps(scenario.pid, '--gaps')
    regions, gaps = record['regions'], record['gaps']
    assert gaps and all(gap['bytes'] == int(gap['end'], 16) - int(gap['start'], 16) > 0 for gap in gaps)
    span = int(regions[-1]['end'], 16) - int(regions[0]['start'], 16)
    assert sum(gap['bytes'] for gap in gaps) + record['bytes'] == span
    heap = region_at(record, scenario.value('heap'))
    above = [gap for gap in gaps if gap['start'] == heap['end']]
    assert len(above) == 1 and above[0]['bytes'] > 1 << 40, above
    assert ' gap\n' in client.run('maps', '--gaps', scenario.pid).out.decode()


def test_family():
    """dlopen and dlclose, fork, exec and exit, all in one stream"""
    library = next(line.split()[-1] for line in subprocess.run(
        ['ldconfig', '-p'], capture_output=True, text=True, check=True).stdout.splitlines()
        if line.lstrip().startswith('libz.so.1 ') or line.lstrip().startswith('libelf.so.1 '))
    scenario = Scenario('family', library, watch=['-f'])
    scenario.next()
    # Its file is looked for where the process has it mapped, and soon that is nowhere.
    scenario.wait_event(lambda event: 'image' in event)
    scenario.end(7)
    child = scenario.value('child')

    opened = [event['image'] for event in scenario.in_step('dlopen()') if 'image' in event]
    assert len(opened) >= 1 and any(library.split('/')[-1].split('.so')[0] in image['file'] for image in opened), opened
    assert all(image['segments'] >= 2 and image['regions'] >= image['segments'] for image in opened)
    closed = [effect for effect in scenario.effects('dlclose()') if effect[0] == 'unmap']
    assert any('lib' in text for _, _, text in closed), closed

    mine = [event for event in scenario.events if event['pid'] == child]
    assert mine[0]['cause'] == 'fork' and mine[0]['tgid'] == scenario.pid
    assert [event['cause'] for event in mine if event['cause'] in ('fork', 'exec')][-1] == 'exec'
    before = [event for event in mine if event['seq'] < [e['seq'] for e in mine if e['cause'] == 'exec'][0]]
    assert any(effect['bytes'] == 33 * PAGE for event in before for effect in event['effects']
               if effect['kind'] == 'map')
    assert any(effect.get('bytes') == 77 * PAGE for event in mine if event['type'] == 'event'
               for effect in event['effects'] if effect['kind'] == 'map')
    assert mine[-1]['type'] == 'exit' and mine[-1]['exit_status'] == 0
    last = scenario.events[-1]
    assert last['type'] == 'exit' and last['pid'] == scenario.pid and last['exit_status'] == 7 and last['end']


def test_phases():
    """a program's own markers, and those of a user in another terminal, stand in their place"""
    scenario = Scenario('phases')
    scenario.next()
    assert client.run('mark', scenario.pid, 'now', 'from', 'outside\x1b[31m').status == client.DONE
    scenario.end()
    seen = [event['text'] if event['cause'] == 'mark' else event['delta'] // PAGE for event in scenario.events
            if event['type'] == 'event']
    assert seen == ['read the configuration', 1, 'fill the cache', 2, 'now from outside\x1b[31m', 3], seen
    lines = [line for line in scenario.lines if '# ' in line]
    assert len(lines) == 3 and lines[2].endswith('# now from outside\\033[31m'), lines


def test_run():
    """run -- ls: its segments, each library as a whole, RELRO, the first heap, the exit; queries are no event"""
    path = os.path.join(build.folder(), 'run.json')
    result = client.run('run', '-q', '--json', '-o', path, '--', 'ls', '/')
    assert result.status == client.DONE and b'proc\n' in result.out, result
    with open(path, 'rb') as file:
        records = client.records(file.read())
    assert records[0]['cause'] == 'exec' and records[-1]['type'] == 'exit' and records[-1]['exit_status'] == 0
    first = {region['what']['is'] for region in records[0]['new'] if 'what' in region}
    assert {'program', 'loader', 'stack', 'vdso'} <= first and 'library' not in first, first
    loaded = [(event['seq'], event['image']) for event in records if 'image' in event]
    assert any('/libc.so.6' in image['file'] for _, image in loaded), loaded
    assert all(image['segments'] <= image['regions'] for _, image in loaded)
    events = [event for event in records[1:] if event['type'] == 'event']
    relro = [event['seq'] for event in events if event['syscall']['name'] == 'mprotect'
             and event['new'][0].get('what', {}).get('is') == 'program']
    heap = [event['seq'] for event in events if 'brk' in event]
    # Libraries are there before the program's data is protected, and main's malloc comes after both.
    assert relro and heap and max(seq for seq, _ in loaded) < relro[0] < heap[0], (loaded, relro, heap)
    assert all(event['brk']['delta'] for event in events if 'brk' in event)


def test_many_regions():
    """a process of thousands of regions: how many of vm.max_map_count, and what leaks"""
    scenario = Scenario('service', 6000)
    limit = int(procfs.read('/proc/sys/vm/max_map_count'))
    record = maps(scenario.pid)
    assert record['max_map_count'] == limit and 6000 < record['map_count'] < limit
    text = client.run('maps', '--summary', scenario.pid).out.decode()
    assert f'{record["map_count"]} regions, {100 * record["map_count"] // limit}% of vm.max_map_count ({limit})' in text
    summary = {one['is']: one for one in maps(scenario.pid, '--summary')['summary']}
    assert summary['reserved']['regions'] >= 3000 and sum(one['regions'] for one in summary.values()) == \
        record['map_count']
    scenario.end()
    # What stays is told from what comes and goes. A filter leaves the map exact, and less to look through.
    mapped = [event for event in scenario.events if event['type'] == 'event' and event['delta'] >= 1 << 20]
    assert len(mapped) == 50 + 5
    leaks = sum(event['delta'] for event in scenario.events if event['type'] == 'event')
    assert leaks == 5 * (2 << 20) + 50 * PAGE


def test_leaks():
    """stat --leaks -k names the functions whose memory stays, and not those that give theirs back: live, and recorded"""
    scenario = Scenario('service', 10, watched=False)
    path = os.path.join(build.folder(), 'leaks.vm')
    watch = client.Watch('--json', '--leaks', '-k', scenario.pid, json_lines=False, verb=('stat',)).ready(scenario.pid)
    recorder = client.Watch('-q', '-k', '-o', path, scenario.pid, json_lines=False, verb=('record',)).ready(scenario.pid)
    # They have looked at the map and at the files in it, and wait for events: live_loop().
    for each in watch, recorder:
        until(lambda pid=each.pid: procfs.syscall(pid)[0:3:2] == [POLL, 4], 'the client waits for events')
    scenario.go()
    assert scenario.process.wait() == 0
    record, = client.records(b'\n'.join(watch.rest()))
    assert recorder.wait() == client.DONE, recorder.stderr()
    recorded = client.run('stat', '--json', '--leaks', '-k', '-i', path)
    assert not recorded.err and client.records(recorded.out)[0]['leaks'] == record['leaks'], (recorded, record['leaks'])
    found = [(leak['callchain'][1].split('+')[0], leak['bytes'], leak['count'], leak['left']) for leak in record['leaks']]
    assert found == [('keep', 2 << 20, 5, 5 * (2 << 20)), ('serve', PAGE, 50, 50 * PAGE)], record['leaks']
    assert record['leaks'][0]['caller'].startswith('mmap by service, by keep+0x'), record['leaks']
    assert record['leaks'][0]['callchain'][-1].startswith('_start+0x'), record['leaks']
    recorded = client.run('stat', '--json', '--leaks', '-i', path)
    found = [(leak['caller'], leak.get('callchain')) for leak in client.records(recorded.out)[0]['leaks']]
    assert found == [('mmap by service', None)] * 2, found


def test_filter():
    """growth of more than 1 MiB alone, of a process that does much else"""
    scenario = Scenario('service', 3000, watch=['--min-size', '1M', '-e', 'map'])
    scenario.end()
    events = [event for event in scenario.events if event['type'] == 'event']
    assert len(events) == 55 and all(event['delta'] == 2 << 20 for event in events), len(events)


def follow(kept, watch, last):
    """Keep the map up to an event. Where the client is too slow, it says what was lost and then has a new map."""
    while kept.seq < last:
        record = watch.record()
        if record['type'] == 'event':
            kept.apply(record)
        elif record['type'] != 'lost':
            kept.take(record)


def test_attach():
    """a running Python is attached to while it works, and its map stays that of /proc"""
    code = 'import ctypes, json, mmap; kept = [mmap.mmap(-1, 300000) for _ in range(500)]; print("up", flush=True)\n' \
           'while True: kept[7] = mmap.mmap(-1, 400000)'
    python = subprocess.Popen(['python3', '-c', code], stdout=subprocess.PIPE)
    try:
        assert python.stdout.readline() == b'up\n'
        watch = client.Watch(python.pid)
        first = watch.record()
        assert first['type'] == 'map' and first['map_count'] > 50
        kept = Space(first)
        follow(kept, watch, kept.seq + 200)
        stop(python.pid)
        last, = (each['seq'] for each in client.listed())
        follow(kept, watch, last)
        assert kept.maps() == procfs.maps(python.pid)
        libraries = {region.get('name', '') for region in first['regions'] if region.get('what', {}).get('is') == 'library'}
        assert any('libc.so' in name for name in libraries), libraries
    finally:
        python.kill()
        python.wait()
    watch.rest()
    assert watch.wait() == client.DONE
