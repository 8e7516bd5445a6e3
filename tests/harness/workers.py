# SPDX-License-Identifier: GPL-2.0-only
"""What the workers of the module do, by the kernel's trace."""
import os
import re

from harness.tap import Skip, defer
from harness.wait import until


def traced():
    """The folder of a trace of what workers do, under way."""
    path = '/sys/kernel/tracing/instances/vasmon-test'
    event = 'events/workqueue/workqueue_execute_start/enable'
    if not os.path.exists(f'/sys/kernel/tracing/{event}'):
        raise Skip('this kernel does not trace its workqueues')
    os.mkdir(path)
    defer(os.rmdir, path)
    with open(f'{path}/{event}', 'w', encoding='ascii') as file:
        file.write('1')
    return path


def works(path):
    """Which functions of the module's workers ran, each time, until somebody has looked for room 20 times."""
    # Empties it.
    with open(f'{path}/trace', 'w', encoding='ascii'):
        pass

    def ran():
        with open(f'{path}/trace', encoding='ascii', errors='replace') as file:
            found = re.findall(r'workqueue_execute_start: .* function (vasmon_\w+)', file.read())
        return found if found.count('vasmon_stalled_work') >= 20 else None
    return until(ran, 'somebody looks for room')
