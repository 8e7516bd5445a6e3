# SPDX-License-Identifier: GPL-2.0-only
"""Lets allocations fail: see Documentation/fault-injection in the kernel's source.

Only those count that are made by a module, or by what a module has called: the call chain is looked at. On a kernel
that can do this no other module is loaded.
"""
import contextlib
import functools
import os

SETTINGS = '/sys/kernel/debug'
MEMORY = 'failslab', 'fail_page_alloc'
KINDS = (*MEMORY, 'fail_usercopy')
# Above it there are no modules any more.
MODULES_END = 0xffffffffff000000
# What can be spared is done on behalf of these functions of the kernel.
REQUESTS, MESSAGES, LISTS = 'netlink_sendmsg', '__alloc_skb', '__kvmalloc_node_noprof'


def possible():
    return all(os.path.isdir(f'{SETTINGS}/{kind}') for kind in KINDS)


def _set(kind, name, value):
    with open(f'{SETTINGS}/{kind}/{name}', 'w', encoding='ascii') as file:
        file.write(str(value))


def _symbols():
    """Addresses of functions and data, by their names."""
    with open('/proc/kallsyms', encoding='ascii') as file:
        lines = [line.split() for line in file]
    return {line[2]: int(line[0], 16) for line in lines}


def _range(function):
    """Where a function is."""
    symbols = _symbols()
    start = symbols[function]
    return start, min(address for address in symbols.values() if address > start)


@functools.cache
def _modules():
    """Where all modules are, whichever are loaded."""
    return _symbols()['_end'], MODULES_END


def prepare():
    """Nothing fails yet; what may is what a module does, whether it could wait for memory or not."""
    for kind in KINDS:
        for name, value in (('probability', 0), ('times', -1), ('interval', 1), ('task-filter', 'N'),
                            ('stacktrace-depth', 32), ('require-start', hex(_modules()[0])),
                            ('require-end', hex(_modules()[1]))):
            _set(kind, name, value)
    for kind in MEMORY:
        _set(kind, 'ignore-gfp-wait', 'N')
    _set('fail_page_alloc', 'ignore-gfp-highmem', 'N')
    _set('fail_page_alloc', 'min-order', 0)


def _nth(pid, number=None):
    """Which of a process's next allocations fails; 0: none. Returns how many it was short of it."""
    with open(f'/proc/{pid}/fail-nth', 'r' if number is None else 'w', encoding='ascii') as file:
        if number is None:
            return int(file.read())
        return file.write(str(number))


def walk(pid, attempt, before=None):
    """Call attempt() with the first allocation of a process failing, then with the second, until none is left.

    before: called each time before. Returns how many have failed.
    """
    number = failed = 0
    while True:
        if before:
            before()
        number += 1
        _nth(pid, number)
        try:
            attempt()
            left = _nth(pid)
        except Exception as error:
            error.add_note(f'allocation {number} had failed: the kernel log has its call chain (tests/vm/run --log)')
            raise
        finally:
            _nth(pid, 0)
        if left:
            return failed
        failed += 1


def _all(**settings):
    for kind in MEMORY:
        for name, value in settings.items():
            _set(kind, name.replace('_', '-'), value)


@contextlib.contextmanager
def failing(percent=100, every=1, sparing=None, within=None):
    """Meanwhile so many allocations fail, or each second, third, ...

    sparing: but for those that are made on behalf of this function; within: only those that are.
    """
    spared, meant = _range(sparing) if sparing else (0, 0), _range(within) if within else _modules()
    # Not said, for there are thousands of them.
    _all(verbose=0, reject_start=hex(spared[0]), reject_end=hex(spared[1]), require_start=hex(meant[0]),
         require_end=hex(meant[1]), interval=every, probability=percent)
    try:
        yield
    finally:
        _all(probability=0, interval=1, require_start=hex(_modules()[0]), require_end=hex(_modules()[1]),
             reject_start=0, reject_end=0, verbose=2)
