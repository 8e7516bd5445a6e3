# SPDX-License-Identifier: GPL-2.0-only
"""Who asked: call chains."""
import os
import shutil
import signal
import subprocess
import tempfile

from harness import build, client, procfs
from harness.tap import defer
from harness.wait import until
from scenario import program, Scenario


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


def test_demangled():
    """names of C++ and Rust are as in their sources, unless they are not to be"""
    for options, wanted in ([], ['example::ask', 'mycrate::example']), (
            ['--no-demangle'], ['_ZN7example3askEv', '_RNvCs15kBYyAo9fc_7mycrate7example']):
        scenario = Scenario('cplusplus', watch=['-k', *options])
        scenario.next()
        # While it is there: before Linux 6.8 files of an overlay are out of reach afterwards.
        while len(scenario.events) < len(wanted):
            scenario.events.append(scenario.json.record())
        scenario.end()
        events = [event for event in scenario.events if 'callchain' in event]
        callers = [event['callchain'][1].get('symbol') for event in events if event['asker'] == 'program']
        assert callers == wanted, (options, callers)


def replayed(path, *options):
    """What replay prints of each event that a call made: the call, who asked, and the functions; and what it says."""
    result = client.run('replay', '-q', '--json', *options, path)
    assert result.status == client.DONE, result
    return [(event['syscall']['name'], event['asker'], [frame.get('symbol') for frame in event['callchain']])
            for event in client.records(result.out) if event['type'] == 'event' and 'callchain' in event], result.err


def rebuilt(path, *options):
    """The same program, but another file."""
    new = f'{path}.new'
    subprocess.run(['objcopy', *options, path, new], check=True)
    os.rename(new, path)


def test_replayed():
    """a recording made with -k names functions, as long as their files are the same"""
    folder = tempfile.mkdtemp(dir=build.folder())
    path, file = f'{folder}/callers', f'{folder}/recording'
    shutil.copy(program('callers'), path)
    process = subprocess.Popen([path, 'libz.so.1'], stdout=subprocess.DEVNULL)
    defer(process.kill)

    def stopped():
        return procfs.state(process.pid) == 'T'

    until(stopped, 'the program stops')
    recorder = client.Watch('-q', '-k', '-o', file, process.pid, json_lines=False, verb=('record',)).ready(process.pid)
    for _ in range(2):
        os.kill(process.pid, signal.SIGCONT)
        until(lambda: process.poll() is not None or stopped(), 'the program goes on')
    process.wait()
    assert recorder.wait() == client.DONE, recorder.stderr()

    found, said = replayed(file)
    assert ('mmap', 'program') in [one[:2] for one in found] and 'another file' not in said, (found, said)
    assert any(asker == 'program' and symbols[1:3] == ['ask_directly', 'main'] and symbols[-1] == '_start'
               for _, asker, symbols in found), found
    assert any(asker == 'libc' and 'ask_malloc' in symbols for _, asker, symbols in found), found
    assert any(asker == 'loader' and 'ask_loader' in symbols for _, asker, symbols in found), found

    # As another machine has it: the same build, copied.
    shutil.copy(path, f'{path}.copy')
    os.rename(f'{path}.copy', path)
    assert replayed(file) == (found, said)
    # Without a build id it is another one.
    rebuilt(path, '--remove-section', '.note.gnu.build-id')
    other, said = replayed(file)
    assert said.count(f'{path} is another file now than when it was recorded: its functions are not named\n') == 1, said
    assert not any({'ask_directly', 'ask_malloc', 'ask_loader'} & set(symbols) for _, _, symbols in other), other
    os.unlink(path)
    other, said = replayed(file)
    assert said.count(f'{path} cannot be opened: No such file or directory: its functions are not named\n') == 1, said
    assert not any('main' in symbols for _, _, symbols in other), other
