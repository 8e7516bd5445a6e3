# SPDX-License-Identifier: GPL-2.0-only
"""Who asked: call chains."""
from scenario import Scenario


def chains(scenario, name):
    """(system call, asker, symbols) of the events in a step."""
    return [(event['syscall']['name'], event['asker'], [frame.get('symbol') for frame in event['callchain']])
            for event in scenario.in_step(name)]


def test_callers():
    """-k: the program's own maps are told from those of malloc and of the loader"""
    scenario = Scenario('callers', 'libz.so.1', watch=['-k'])
    scenario.next()
    scenario.wait_event(lambda event: 'image' in event)
    scenario.end()
    # Neither the program nor libc keeps frame pointers: what leads on is .eh_frame, to the very first function.
    (call, asker, symbols), = chains(scenario, 'mmap()')
    assert (call, asker) == ('mmap', 'program') and symbols[1:3] == ['ask_directly', 'main'], symbols
    assert symbols[-1] == '_start', symbols
    event, = scenario.in_step('mmap()')
    assert event['on_behalf'] == 1 and event['callchain'][1]['is'] == 'program', event
    for event in scenario.in_step('malloc()'):
        symbols = [frame.get('symbol') for frame in event['callchain']]
        assert event['asker'] == 'libc' and symbols[event['on_behalf']] == 'ask_malloc', event
        assert symbols[event['on_behalf'] + 1] == 'main' and symbols[-1] == '_start', symbols
        assert not any('gap' in frame for frame in event['callchain']), event
    found = chains(scenario, 'dlopen()')
    assert len([call for call, _, _ in found if call == 'mmap']) >= 4, found
    assert {asker for _, asker, _ in found} == {'loader'}, found
    assert all('ask_loader' in symbols and symbols[-1] == '_start' for _, _, symbols in found), found
    text = [line.strip() for line in scenario.lines]
    assert any(line.startswith('by ask_directly+0x') and line.endswith('(callers)') for line in text), text
    assert any(line.startswith('by libc, for ask_malloc+0x') for line in text), text
    assert any(line.startswith('by the loader, for ask_loader+0x') for line in text), text
    assert not [line for line in text if '...' in line], text
