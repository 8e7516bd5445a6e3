# SPDX-License-Identifier: GPL-2.0-only
"""The last event says how the process ended."""
import os
import signal

from harness import client, netlink
from harness.puppet import Puppet
from harness.wait import until


def last_event(end, threads=1):
    """end(puppet) ends it. Returns the one event."""
    puppet = Puppet(threads)
    watch = client.Watch('-q', puppet.pid).ready(puppet.pid)
    end(puppet)
    events = watch.rest()
    assert watch.wait() == client.DONE, watch.stderr()
    assert len(events) == 1, events
    event = events[0]
    assert event['type'] == 'exit' and event['cause'] == 'exit' and event['pid'] == puppet.pid and event['seq'] == 1
    status = puppet.process.wait()
    wait_status = -status if status < 0 else status << 8
    assert event['wait_status'] & ~0x80 == wait_status, (event, status)
    netlink.none_left()
    return event


def test_status():
    """exit with a status"""
    for status in 0, 1, 42, 255:
        event = last_event(lambda puppet, status=status: puppet.begin('exit_group', status))
        assert event['exit_status'] == status and 'signal' not in event


def test_signal():
    """death by a signal"""
    for number in signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV:
        event = last_event(lambda puppet, number=number: os.kill(puppet.pid, number))
        assert event['signal'] == number and 'exit_status' not in event


def test_last_thread():
    """the main thread exits first, another one ends the process"""
    def end(puppet):
        puppet.begin('exit', 3)
        until(lambda: b'State:\tZ' in open(f'/proc/{puppet.pid}/status', 'rb').read(), 'the main thread exits')
        assert netlink.watches(), 'the watch is still there'
        puppet.begin('exit_group', 7, thread=1)
    assert last_event(end, threads=2)['exit_status'] == 7


def test_exit_group_by_thread():
    """exit_group by a thread"""
    assert last_event(lambda puppet: puppet.begin('exit_group', 9, thread=2), threads=3)['exit_status'] == 9
