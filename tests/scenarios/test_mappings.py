# SPDX-License-Identifier: GPL-2.0-only
"""Mappings and stacks."""
from harness import client
from scenario import Scenario, maps

SIZE = 40960


def test_mmap():
    """mmap 40960 bytes rwx, then rw- twice, then unmapped: W+X is pointed out, a merge is explained"""
    scenario = Scenario('mappings')
    scenario.next()
    both = [region for region in maps(scenario.pid)['regions'] if region.get('what', {}).get('wx')]
    assert len(both) == 1 and both[0]['perms'] == 'rwxp' and both[0]['bytes'] == SIZE, both
    text = client.run('maps', scenario.pid).out.decode()
    assert 'warning: 1 region can be both written and executed (W+X)\n' in text, text
    scenario.end()

    (kind, size, text), = scenario.effects('mmap 40960 rwx')
    assert (kind, size) == ('map', SIZE) and text.endswith(' W+X'), text
    (kind, size, text), = scenario.effects('mmap 40960 rw- below it')
    assert (kind, size) == ('map', SIZE)
    assert text.startswith('asked 40960 (40.0 KiB), merged with the region above: now '), text
    event, = scenario.in_step('mmap 40960 rw- below it')
    assert event['new'][0]['bytes'] >= 2 * SIZE and event['delta'] == SIZE
    (kind, size, text), = scenario.effects('mprotect the middle')
    assert (kind, size) == ('protect', 8192) and text.endswith('split in three'), text
    assert sum(event['delta'] for event in scenario.in_step('munmap rwx')) == -SIZE
    assert sum(event['delta'] for event in scenario.in_step('munmap the first')) == -SIZE
    # In three pieces by now: one call, one event.
    events = scenario.in_step('munmap the second')
    assert len(events) == 1 and events[0]['delta'] == -SIZE and len(events[0]['effects']) == 3, events


def test_stack():
    """a stack that grows with no system call: cause page fault, and by which thread"""
    scenario = Scenario('stack').end()
    events = scenario.in_step('a recursion of 512 KiB')
    assert events and {event['cause'] for event in events} == {'fault'}, events
    assert {event['tid'] for event in events} == {scenario.pid}
    assert all('syscall' not in event for event in events)
    assert sum(event['delta'] for event in events) >= 300 << 10
    for event in events:
        effect, = event['effects']
        assert effect['text'].startswith(f'stack grew {event["delta"]} (') and ' by a page fault: now ' in effect['text']
        assert event['new'][0]['what'] == {'is': 'stack', 'certain': True}
    # It has its room now, and keeps it.
    assert not scenario.in_step('the same once more')
