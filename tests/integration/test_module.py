# SPDX-License-Identifier: GPL-2.0-only
"""Loading and unloading, while it is used and while it is not."""
import errno
import os
import subprocess

from harness import client, debugfs, module, netlink, procfs
from harness.churn import Churn
from harness.puppet import ANON, PAGE, RW, Puppet, go_on
from harness.tap import defer
from harness.wait import TIMEOUT, until


def test_unload():
    """unloaded and loaded again, many times"""
    puppet = Puppet()
    parameters = module.unload()
    for _ in range(10):
        module.load(parameters)
        assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)
        status, err = module.try_unload()
        assert not status, err
    assert not os.path.exists(debugfs.FOLDER)


def test_twice():
    """loaded twice: refused"""
    assert module.insert() == errno.EEXIST and module.loaded()
    netlink.none_left()


def test_while_reader():
    """rmmod while a reader has a file of debugfs open: refused, and everything goes on

    debugfs takes a reference to the module that owns a file's operations while the file is open; so nothing of the
    module can go away under a reader.
    """
    puppet = Puppet()
    puppet.many_regions(1000)
    until(lambda: debugfs.exists(puppet.pid), 'its file appears')
    fd = os.open(debugfs.path(puppet.pid), os.O_RDONLY)
    text = os.read(fd, 1000)
    status, err = module.try_unload()
    assert status and 'in use' in err, (status, err)
    assert client.raw_maps(puppet.pid) == procfs.maps(puppet.pid)
    while part := os.read(fd, 1 << 16):
        text += part
    assert debugfs.lines(debugfs.parse(text)[1]) == procfs.maps(puppet.pid)
    os.close(fd)
    module.unload()


def test_while_client():
    """rmmod while a client is watching: it says so and ends with status 1"""
    puppet = Puppet()
    watches = [client.Watch(puppet.pid), client.Watch('-q', puppet.pid, json_lines=False)]
    for watch in watches:
        watch.ready(puppet.pid)
    puppet.mmap(PAGE)
    parameters = module.unload()
    for watch in watches:
        assert watch.wait() == client.ERROR, watch.stderr()
        assert 'unloaded' in watch.stderr(), watch.stderr()
    # What came before was shown.
    records = watches[0].rest()
    assert [record['type'] for record in records] == ['map', 'event'], records
    assert any(b'mmap' in line for line in watches[1].rest())
    puppet.mmap(PAGE)
    module.load(parameters)
    watch = client.Watch(puppet.pid)
    assert watch.record()['type'] == 'map'
    puppet.mmap(PAGE)
    assert watch.record()['syscall']['name'] == 'mmap'


class Halted:
    """A client that watches, and has been stopped when it had subscribed and not dumped the map yet."""

    def __init__(self, pid):
        # Its third request is the subscription, after those for the family and its group; it goes no further.
        self.tracer = subprocess.Popen(['strace', '--kill-on-exit', '-qq', '-o', os.devnull, '-e', 'trace=sendmsg',
                                        '-e', 'inject=sendmsg:signal=SIGSTOP:when=3', client.CLIENT, 'watch', str(pid)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        defer(self.tracer.wait)
        defer(self.tracer.kill)
        self.pid = until(lambda: self._subscriber(pid), 'it has subscribed')

    def _subscriber(self, pid):
        assert self.tracer.poll() is None, self.tracer.communicate()
        pids = [one['pid'] for watch in client.listed() if watch['pid'] == pid for one in watch['subscribers']]
        return pids[0] if pids else None

    def end(self):
        """Let it go on. Returns its exit status, and what it said."""
        go_on(self.pid)
        _, err = self.tracer.communicate(timeout=TIMEOUT)
        return self.tracer.returncode, err


def test_before_dump():
    """rmmod when a client has subscribed and not dumped the map yet: it says so, not that the process has exited"""
    halted = Halted(Puppet().pid)
    module.unload()
    status, err = halted.end()
    assert status == client.ERROR and 'unloaded' in err and 'exited' not in err, (status, err)


def test_exits_before_dump():
    """the process exits then, and its parent has not waited: the client says that, not that the module was unloaded"""
    puppet = Puppet()
    halted = Halted(puppet.pid)
    puppet.begin('exit_group', 0)
    until(lambda: procfs.state(puppet.pid) == 'Z' and not client.listed(), 'its watch has gone, and it has not')
    status, err = halted.end()
    assert status == client.NO_PROCESS and 'exited' in err and 'unloaded' not in err, (status, err)


def test_while_busy():
    """rmmod in the middle of a storm of changes, and insmod into it, again and again"""
    churns = [Churn(seed, 100000000, 2) for seed in (1, 2)]
    for churn in churns:
        churn.tell()
    parameters = module.unload()
    for _ in range(4):
        module.load(parameters)
        watches = [client.Watch('-q', churn.pid, json_lines=False) for churn in churns]
        for watch in watches:
            assert watch.line()
        status, err = module.try_unload()
        assert not status, err
        for watch in watches:
            # It shows all that it has before it ends.
            watch.rest()
            assert watch.wait() == client.ERROR and 'unloaded' in watch.stderr(), watch.stderr()
            watch.kill()
    for churn in churns:
        assert churn.process.poll() is None, 'it was not harmed'


def test_while_dump():
    """rmmod while a dump is under way: refused until its socket is closed"""
    puppet = Puppet()
    puppet.many_regions(5000)
    nl = netlink.Netlink(receive_buffer=1)
    nl.send(netlink.REGION_GET, netlink.u32(netlink.MM_PID, puppet.pid), netlink.F_DUMP)
    status, err = module.try_unload()
    assert status and 'in use' in err, (status, err)
    nl.close()
    module.unload()


def test_while_socket():
    """rmmod while a socket watches that never reads: the watch ends, the socket stays"""
    puppet = Puppet()
    nl = netlink.Netlink()
    defer(nl.close)
    nl.watch(puppet.pid)
    puppet.call('mmap', 0, PAGE, RW, ANON, -1, 0, count=100)
    parameters = module.unload()
    puppet.mmap(PAGE)
    module.load(parameters)
    with netlink.Netlink() as other:
        assert not other.watches()
        other.watch(puppet.pid)
        puppet.mmap(PAGE)
        assert other.events()


def test_not_loaded():
    """without it, every verb says so and what to do"""
    module.unload()
    for args in ('maps', '1'), ('maps', '--raw', '1'), ('watch', '1'), ('watch', '-q', '--json', '1'), ('list',):
        result = client.run(*args)
        assert result.status == client.ERROR and not result.out, (args, result)
        assert 'not loaded' in result.err and 'insmod' in result.err, (args, result)
    result = client.run('version')
    assert result.status == client.DONE and b'not loaded' in result.out, result
    with netlink.Netlink(family=False) as nl:
        refused = netlink.refusal(nl.ask, 3, netlink.attr(2, b'vasmon\0'), family=netlink.GENL_ID_CTRL)
        assert refused.code == errno.ENOENT
