# SPDX-License-Identifier: GPL-2.0-only
"""Loading and unloading while memory can not be had."""
import errno
import os

from failing import MESSAGES, failing, walk
from harness import client, debugfs, module, netlink, procfs
from harness.puppet import PAGE, Puppet
from harness.tap import note
from harness.wait import until

def files():
    """Every process has its file."""
    until(lambda: set(procfs.live()) == debugfs.pids(), 'the files are those of the live processes')


def test_load():
    """each allocation of insmod fails once: refused with ENOMEM, and nothing is left; or all of it works"""
    puppet = Puppet()
    parameters = module.unload()
    granted = 0

    def unload():
        if module.loaded():
            files()
            with netlink.Netlink() as nl:
                watch = nl.watch(puppet.pid)
                assert netlink.number(nl.ask(netlink.REGION_GET, netlink.u32(netlink.MM_PID, puppet.pid) +
                                             netlink.u32(netlink.MM_WATCH_ID, watch), netlink.F_DUMP)[0],
                                      netlink.MM_SEQ) == 0
            assert module.delete()

    def attempt():
        nonlocal granted
        error = module.insert()
        assert error in (0, errno.ENOMEM), errno.errorcode[error]
        assert module.loaded() == (not error) and os.path.isdir(debugfs.FOLDER) == (not error)
        granted += not error
    # The kernel itself leaks the name of a slab cache that can not be shown in sysfs.
    with failing(0, sparing='sysfs_slab_add'):
        count = walk(os.getpid(), attempt, unload)
    note(f'{count} allocations, without {granted - 1} of which it was loaded all the same')
    assert count >= 20
    unload()
    module.load(parameters)
    assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)


def test_no_memory():
    """no memory at all: it is not loaded, and what is loaded is unloaded"""
    puppet = Puppet()
    watch = client.Watch('-q', puppet.pid).ready(puppet.pid)
    puppet.mmap(PAGE)
    # The kernel's own message, that the family has gone, is what the client hears.
    with failing(sparing=MESSAGES):
        parameters = module.unload()
    with failing():
        assert module.insert() == errno.ENOMEM and not module.loaded()
    assert watch.wait() == client.ERROR and 'unloaded' in watch.stderr(), watch.stderr()
    module.load(parameters)
    files()
    assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)
