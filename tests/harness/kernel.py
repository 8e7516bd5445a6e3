# SPDX-License-Identifier: GPL-2.0-only
"""What kernel this is."""
import os

from harness.tap import Skip

REALTIME = 'PREEMPT_RT' in os.uname().version


def need_waiting():
    """For tests in which a process is to wait for who watches it without loss."""
    if REALTIME:
        raise Skip('no process can wait on a PREEMPT_RT kernel')


def need_allocating_probes():
    """For tests in which children come faster than the worker can have memory ready for them."""
    if REALTIME:
        raise Skip('on a PREEMPT_RT kernel a probe can not allocate: such children may be told by their maps')
