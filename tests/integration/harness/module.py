# SPDX-License-Identifier: GPL-2.0-only
"""Loads and unloads the module, with the parameters that it had."""
import glob
import os
import subprocess

from harness import netlink
from harness.tap import defer
from harness.wait import until

PARAMETERS = '/sys/module/vasmon/parameters'


def loaded():
    return os.path.isdir('/sys/module/vasmon')


def _parameters():
    found = []
    for path in glob.glob(PARAMETERS + '/*'):
        with open(path, encoding='ascii') as file:
            found.append(f'{os.path.basename(path)}={file.read().strip()}')
    return found


def try_unload():
    """Returns the exit status and what rmmod says."""
    done = subprocess.run(['rmmod', 'vasmon'], capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stderr


def load(parameters=()):
    subprocess.run(['insmod', os.environ['VASMON_KO'], *parameters], check=True)


def unload():
    """It is loaded again after the test, whatever happens."""
    parameters = _parameters()

    def back():
        if not loaded():
            load(parameters)
    defer(back)
    status, err = try_unload()
    assert not status and not loaded(), err
    return parameters


def works():
    """It answers, and nothing is left of the watches of before."""
    until(lambda: not netlink.watches(), 'no watch is left')
