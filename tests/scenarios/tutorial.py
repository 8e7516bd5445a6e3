# SPDX-License-Identifier: GPL-2.0-only
"""The outputs in the tutorial: made by running what stands above them, and compared with what is there.

A block of output follows one of these lines:
<!-- watch PROGRAM [ARG]... -->  what watch prints of a program of programs/, its steps in lines that begin with ---
<!-- maps PROGRAM LOOK [OPTION]... -->  what maps prints of it at that look()
<!-- run COMMAND... -->  what run prints
An option '@KEY' is what the program said of KEY.
"""
import os
import re

from harness import client
from scenario import Scenario, nanoseconds

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../client/TUTORIAL.md')
# What depends on libraries, environment or kernel: sizes in lines with these are left out of the comparison.
_OTHERS = ('.so', 'stack', 'vvar', 'vdso', 'gap', 'total', 'regions', 'locale', '/etc/', 'whole map', 'gconv')
# Programs that have children, and those whose callers are of interest.
_OPTIONS = {'family': ['-f'], 'callers': ['-k']}
_BLOCK = re.compile(r'(<!-- (watch|maps|run) ([^\n]*?) -->\n```\n)(.*?)(```\n)', re.S)


def _watch(name, *args):
    """Both clients see the same events, so the times of JSON tell where the program's steps go."""
    scenario = Scenario(name, *args, watch=_OPTIONS.get(name, ()), aslr=False).end(None)
    events = [event for event in scenario.events if not event.get('more')]
    # An event's further lines begin with blanks, and have no time.
    lines = re.split(r'\n(?! {12})', '\n'.join(scenario.lines))
    shown = [(nanoseconds(event['ts']), line) for event, line in zip(events, lines, strict=True)]
    steps = [(time, f'--- {rest}') for time, word, rest in scenario.said_lines() if word == 'step' and rest != 'end']
    command = ' '.join(['watch', '-q', *_OPTIONS.get(name, ()), str(scenario.pid)])
    return [f'# vasmon-client {command}'] + [line for _, line in sorted(shown + steps)]


def _maps(name, look, *options):
    scenario = Scenario(name, aslr=False, watched=False).look_at(look)
    options = [hex(scenario.value(option[1:])) if option.startswith('@') else option for option in options]
    args = ['maps', *[option for option in options if option.startswith('-')], str(scenario.pid),
            *[option for option in options if not option.startswith('-')]]
    result = client.run(*args)
    assert result.status == client.DONE, result
    return [f'# vasmon-client {" ".join(args)}', *result.out.decode().splitlines()]


def _run(*command):
    result = client.run('run', '-q', '--', 'setarch', '-R', *command)
    assert result.status == client.DONE, result
    lines = result.err.splitlines()
    # Of setarch itself nothing is to be seen but that it starts the command.
    second = [i for i, line in enumerate(lines) if ' exec ' in line][1]
    return [f'# vasmon-client run -q {" ".join(command)}',
            *[line for line in lines[second:] if not line.startswith('vasmon-client: ')]]


_MAKE = {'watch': _watch, 'maps': _maps, 'run': _run}


def fresh(text):
    """The tutorial, with each output made anew."""
    def block(match):
        lines = [re.sub(r'/tmp/vasmon-test-\w+/', '/tmp/', line) for line in _MAKE[match[2]](*match[3].split())]
        return match[1] + ''.join(line + '\n' for line in lines) + match[5]
    return _BLOCK.sub(block, text)


def _essence_of_line(line, no_numbers):
    line = re.sub(r'^(\[pid) *\d+\]', r'\1 P]', line)
    line = re.sub(r'^(\[pid P\])? *\d+\.\d{6} (\w+)/\d+ ', r'\1 T \2/P ', line)
    line = re.sub(r'process \d+', 'process P', line)
    line = re.sub(r'^(# vasmon-client (watch|maps)( -\S+)*) \d+', r'\1 P', line)
    line = re.sub(r'^\d+ (?=\w+ /tmp/)', 'P ', line)
    line = re.sub(r'thread \d+', 'thread P', line)
    line = re.sub(r'(^ {14}|\+)0x[0-9a-f]+', r'\1X', line)
    line = re.sub(r'\b(0x)?(?=[0-9a-f]*[0-9])[0-9a-f]{8,16}\b', 'A', line)
    if no_numbers or any(word in line for word in _OTHERS):
        line = re.sub(r'\d[\d.]*( [KMGT]?i?B)?', 'N', line)
    return re.sub(r' +', ' ', line).rstrip()


def essence(text):
    """What has to stay as it is, as (title, lines) of each block."""
    found = []
    for match in _BLOCK.finditer(text):
        # How many pages of a file are there depends on who read it before.
        numbers = '-x' in match[3].split()
        lines = [_essence_of_line(line, numbers) for line in match[4].splitlines()]
        # How often a stack grows depends on where it began.
        found.append((f'{match[2]} {match[3]}',
                      [line for i, line in enumerate(lines) if not i or line != lines[i - 1]]))
    return found
