# SPDX-License-Identifier: GPL-2.0-only
"""The break and malloc."""
from scenario import Scenario, maps, region_at

PAGE = 4096
# What glibc's malloc asks for: the request, and 128 KiB in advance, in whole pages.
FIRST = 135168


def only_brk(event, delta):
    """The break moved, to the byte, and no region changed."""
    assert event['brk']['delta'] == delta and [effect['kind'] for effect in event['effects']] == ['brk'], event
    assert 'inside the page: no region changed' in event['effects'][0]['text'], event


def test_sbrk():
    """sbrk by small steps: the break moves by bytes, the region by pages"""
    scenario = Scenario('sbrk').end()

    def one(name):
        events = scenario.in_step(name)
        assert len(events) == 1, events
        return events[0]

    event = one('sbrk(+1024)')
    assert event['brk']['delta'] == 1024 and event['delta'] == PAGE
    assert event['new'][0]['what'] == {'is': 'heap', 'certain': True} and event['new'][0]['bytes'] == PAGE
    only_brk(one('sbrk(+2048)'), 2048)
    event = one('sbrk(+4096)')
    assert event['brk']['delta'] == 4096 and event['new'][0]['bytes'] == 2 * PAGE
    assert [effect['text'] for effect in event['effects']][0].startswith('heap grew 4096 (4.0 KiB): now ')
    event = one('sbrk(-4096)')
    assert event['brk']['delta'] == -4096 and event['delta'] == -PAGE
    assert event['effects'][0]['text'].startswith('heap gave back 4096 (4.0 KiB) of its end: now ')
    only_brk(one('sbrk(-2048)'), -2048)
    event = one('sbrk(-1024)')
    assert event['brk']['delta'] == -1024 and event['delta'] == -PAGE and not event['new']
    assert int(event['brk']['to'], 16) == scenario.value('start')
    assert not scenario.in_step('brk() below where the heap begins')


def test_odd_steps():
    """breaks that are no multiple of anything, each to the byte"""
    scenario = Scenario('odd').end()
    breaks = scenario.values('brk')
    moves = [event['brk'] for event in scenario.events if 'brk' in event]
    assert [(int(move['from'], 16), int(move['to'], 16)) for move in moves] == list(zip(breaks, breaks[1:]))
    for event in scenario.events:
        if 'brk' not in event:
            continue
        start, end = int(event['brk']['from'], 16), int(event['brk']['to'], 16)
        pages = (end + PAGE - 1) // PAGE - (start + PAGE - 1) // PAGE
        assert event['delta'] == pages * PAGE, event


def test_malloc():
    """malloc(1000) three times: the first asks for 132 KiB; does free give anything back?"""
    scenario = Scenario('malloc').end()
    first = [event['brk']['delta'] for event in scenario.in_step('malloc(1000)') if 'brk' in event]
    assert first == [FIRST], first
    for number in 1, 2:
        assert not scenario.in_step('malloc(1000)', number)
    for number in range(3):
        assert not scenario.in_step('free it', number)
    grown = [event['brk']['delta'] for event in scenario.in_step('malloc(100000), 8 times')]
    shrunk = [event['brk']['delta'] for event in scenario.in_step('free them, the last one first')]
    assert sum(grown) >= 8 * 100000 - FIRST and all(delta > 0 for delta in grown), grown
    assert shrunk and sum(shrunk) < -400000 and all(delta < 0 for delta in shrunk), shrunk
    text = scenario.effects('free them, the last one first')[0][2]
    assert text.startswith('heap gave back '), text


def test_large():
    """malloc(204800) is a mapping of its own, perhaps merged with a neighbour, and free() unmaps it"""
    scenario = Scenario('large').end()
    events = scenario.in_step('malloc(204800)')
    assert len(events) == 1 and events[0]['syscall']['name'] == 'mmap' and 'brk' not in events[0], events
    assert events[0]['delta'] == 208896 and int(events[0]['syscall']['args'][1], 16) == 208896
    effect = events[0]['effects'][0]
    if effect.get('joined_below') or effect.get('joined_above'):
        assert effect['text'].startswith('asked 208896 (204.0 KiB), merged with the region'), effect
        assert events[0]['new'][0]['bytes'] > 208896 and 'name' not in events[0]['new'][0], events
    events = scenario.in_step('free it')
    assert len(events) == 1 and events[0]['syscall']['name'] == 'munmap' and events[0]['delta'] == -208896, events
    assert 'gave back 208896 (204.0 KiB)' in events[0]['effects'][0]['text'], events


def test_arena():
    """a thread's first malloc: 128 MiB reserved, trimmed to an aligned 64 MiB, 132 KiB of it made usable"""
    scenario = Scenario('arena')
    scenario.next()
    tid = scenario.value('tid')
    record = maps(scenario.pid)
    arena = region_at(record, scenario.value('block'))
    assert arena['what'] == {'is': 'arena', 'certain': False} and arena['bytes'] == FIRST, arena
    assert int(arena['start'], 16) % (64 << 20) == 0
    reserve = region_at(record, int(arena['end'], 16))
    assert reserve['what'] == {'is': 'arena-reserve', 'certain': False}, reserve
    assert arena['bytes'] + reserve['bytes'] == 64 << 20
    stack = region_at(record, scenario.value('stack'))
    # What is above can be of the same kind: then it is one region with the stack.
    assert stack['bytes'] >= 8 << 20, stack
    assert stack['what'] == {'is': 'thread-stack', 'certain': True, 'tid': tid, 'tls': True}, stack
    guard = region_at(record, int(stack['start'], 16) - 1)
    assert guard['bytes'] == PAGE and guard['perms'] == '---p', guard
    assert guard['what'] == {'is': 'guard', 'certain': True, 'tid': tid}, guard
    scenario.end()

    calls = [(event['syscall']['name'], event['delta']) for event in scenario.in_step('pthread_create()')]
    assert calls[:2] == [('mmap', (8 << 20) + PAGE), ('mprotect', 0)], calls
    events = scenario.in_step('malloc(1000) in the thread')
    assert {event['tid'] for event in events} == {tid} and {event['tgid'] for event in events} == {scenario.pid}
    assert events[0]['syscall']['name'] == 'mmap' and events[0]['delta'] == 128 << 20
    trims = [event for event in events if event['syscall']['name'] == 'munmap']
    assert 1 <= len(trims) <= 2 and sum(event['delta'] for event in trims) == -(64 << 20)
    usable = [effect for event in events for effect in event['effects'] if effect['kind'] == 'protect']
    assert [effect['bytes'] for effect in usable] == [FIRST] and 'rw-p' in usable[0]['text']
