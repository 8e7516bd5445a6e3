# SPDX-License-Identifier: GPL-2.0-only
"""Finds the tests, runs them, and prints TAP.

A test is a function test_* in a file test_*.py; the first line of its docstring is its title. What is to be undone
after a test, or after all tests of a file, is registered with defer() or defer_file(). What takes long is marked by
@long, and can be left out.
"""
import glob
import importlib
import inspect
import os
import signal
import sys
import time
import traceback

from harness.wait import SLOWNESS

# A test that hangs is ended after so many seconds; those that wait for something give up before.
LIMIT = 400 * SLOWNESS

_after_test = []
_after_file = []


class Skip(Exception):
    """Raised by a test that cannot be done here; says why."""


def defer(undo, *args):
    """Do this at the end of the test, the last one first."""
    _after_test.append((undo, args))


def defer_file(undo, *args):
    """Do this at the end of the file."""
    _after_file.append((undo, args))


def long(test):
    """Marks a test that --brief leaves out."""
    test.long = True
    return test


def undo_file():
    """Give up what the tests of a file share: after a failure nobody knows what state it is in."""
    return _undo(_after_file)


def _undo(stack):
    failures = []
    while stack:
        undo, args = stack.pop()
        try:
            undo(*args)
        except Exception:  # the rest has to be undone all the same
            failures.append(traceback.format_exc())
    return failures


class Test:
    def __init__(self, module, name, function):
        self.file = module.__name__
        self.name = name
        self.function = function
        self.title = f'{self.file.removeprefix("test_")}: {inspect.getdoc(function).splitlines()[0]}'

    def matches(self, wanted):
        return wanted in (self.file, self.file.removeprefix('test_'), self.file + '.py', self.name) or \
            wanted in self.title


def _collect(folder):
    tests = []
    for path in sorted(glob.glob(os.path.join(folder, 'test_*.py'))):
        module = importlib.import_module(os.path.basename(path).removesuffix('.py'))
        tests += [Test(module, name, value) for name, value in vars(module).items()
                  if name.startswith('test_') and inspect.isfunction(value) and value.__module__ == module.__name__]
    return tests


def note(text):
    """A diagnostic line, at once."""
    for line in str(text).rstrip('\n').splitlines():
        print(f'# {line}', flush=True)


def _too_long(signum, frame):
    raise TimeoutError(f'not done within {LIMIT} s')


def _run(number, test):
    """Returns whether it passed, or was skipped."""
    start = time.monotonic()
    verdict, remark, said = 'ok', '', []
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LIMIT)
    try:
        test.function()
    except Skip as skip:
        remark = f' # SKIP {skip}'
    except Exception:
        said = [traceback.format_exc()]
    finally:
        signal.alarm(0)
    signal.alarm(LIMIT)
    try:
        said += _undo(_after_test)
        if said:
            verdict = 'not ok'
            said += undo_file()
    finally:
        signal.alarm(0)
    title = test.title.replace('#', '\\#')
    print(f'{verdict} {number} - {title}{remark}', flush=True)
    note('\n'.join(said))
    spent = time.monotonic() - start
    if spent >= 5:
        note(f'{spent:.0f} s')
    return not said


def main(args, usage, folder):
    listing = '-l' in args
    brief = '--brief' in args
    wanted = [arg for arg in args if arg not in ('-l', '--brief')]
    if {'-h', '--help'} & set(wanted):
        print(usage)
        return 0
    tests = [test for test in _collect(folder) if not wanted or any(test.matches(name) for name in wanted)]
    if not tests:
        print(f'{sys.argv[0]}: no test is called {" or ".join(wanted)}', file=sys.stderr)
        return 2
    left_out = [test for test in tests if brief and hasattr(test.function, 'long')]
    tests = [test for test in tests if test not in left_out]
    if listing:
        for test in tests:
            print(f'{test.file}.{test.name}: {test.title}')
        return 0
    if os.geteuid() or 'VASMON_KO' not in os.environ or not os.path.isdir('/sys/module/vasmon'):
        print('Bail out! this wants root, the module loaded, and its file named in VASMON_KO: see tests/vm/run')
        return 2

    print(f'1..{len(tests)}', flush=True)
    for test in left_out:
        note(f'left out, for it takes long: {test.title}')
    failed = 0
    for number, test in enumerate(tests, 1):
        failed += not _run(number, test)
        if test is tests[-1] or tests[number].file != test.file:
            note('\n'.join(undo_file()))
    return 1 if failed else 0
