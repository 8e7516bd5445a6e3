# SPDX-License-Identifier: GPL-2.0-only
"""The tutorial."""
import difflib
import os

import tutorial
from harness.tap import Skip

# The kernel whose output is shown there; others place some things elsewhere.
KERNEL = '7.2'


def test_drift():
    """what it shows is what these programs print today"""
    if not os.uname().release.startswith(KERNEL + '.'):
        raise Skip(f'it shows the output of Linux {KERNEL}')
    with open(tutorial.PATH, encoding='utf-8') as file:
        text = file.read()
    shown, now = tutorial.essence(text), tutorial.essence(tutorial.fresh(text))
    assert len(shown) >= 10
    for (title, old), (_, new) in zip(shown, now, strict=True):
        assert old == new, f'{title}; make it anew with tests/scenarios/retell:\n' + '\n'.join(
            difflib.unified_diff(old, new, 'tutorial', 'today', lineterm=''))
