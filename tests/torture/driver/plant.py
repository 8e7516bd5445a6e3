# SPDX-License-Identifier: GPL-2.0-only
"""Faults that are planted in the module are found: see module/fault.h."""
import os
import re

from driver import actor, client, oracle

# Number of the fault, what it is, once in how many chances, what finds it, and what that has to say.
MAP = re.compile(r'the maps differ|does not fit the map')
FAULTS = (
    (1, 'an event is dropped', 10000, oracle.run, (2, 40000, 0, 1000), MAP),
    (2, 'a merged neighbour is overlooked', 100, oracle.run, (2, 40000, 0, 1000), MAP),
    (3, 'another thread is named', 100, actor.run, (8, 10000), re.compile(r'did not do this')),
)


def possible():
    """Is the module one with faults?"""
    return os.path.exists(client.PARAMETERS + 'fault')


def run(seed, fault, every, function, parameters, wanted):
    """Returns what found it, in words."""
    client.parameter('fault_every', every)
    client.parameter('fault', fault)
    try:
        function(seed, *parameters)
    except oracle.Wrong as wrong:
        found = wanted.search(str(wrong))
        if not found:
            raise
        return found[0]
    finally:
        client.parameter('fault', 0)
    raise AssertionError(f'it was not found in {parameters[1]} changes')
