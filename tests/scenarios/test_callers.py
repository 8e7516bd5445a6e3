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
    (call, asker, symbols), = chains(scenario, 'mmap()')
    assert (call, asker) == ('mmap', 'program') and symbols[1:3] == ['ask_directly', 'main'], symbols
    event, = scenario.in_step('mmap()')
    assert event['on_behalf'] == 1 and event['callchain'][1]['is'] == 'program', event
    found = chains(scenario, 'malloc()')
    assert found and all(asker == 'libc' for _, asker, _ in found), found
    found = [(call, asker) for call, asker, _ in chains(scenario, 'dlopen()') if call == 'mmap']
    assert len(found) >= 4 and {asker for _, asker in found} == {'loader'}, found
    text = [line.strip() for line in scenario.lines]
    assert any(line.startswith('by ask_directly+0x') and line.endswith('(callers)') for line in text), text
    assert any(line.startswith('by the loader') for line in text), text
    # Where callers are missing it is said, once for each file.
    noted = [line for line in text if 'keeps no frame pointers' in line]
    assert 1 <= len(noted) == len({line.split('[')[-1] for line in noted}), noted
