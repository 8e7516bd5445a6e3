# SPDX-License-Identifier: GPL-2.0-only
"""Who may ask for what: the table in the README, each cell of it, and that nobody else learns an address."""
import bisect
import json
import os
import re
import subprocess
import sys

from harness import debugfs, procfs
from harness.netlink import EVENT_PID, EVENT_TEXT, MARK, Netlink, attr, u32
from harness.puppet import PAGE, PROT_READ, RW, Puppet
from harness.tap import defer
from harness.wait import until

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = os.path.join(os.path.dirname(TESTS), 'README.md')

NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
USER_NAMESPACE = ['unshare', '--user', '--map-root-user']

# Who asks, as the README calls him, and how one becomes him.
WHO = {
    'root': [],
    'a user': NOBODY,
    'a user with nothing but `CAP_SYS_PTRACE`': [*NOBODY, '--inh-caps=+sys_ptrace', '--ambient-caps=+sys_ptrace'],
    'root without `CAP_SYS_PTRACE`': ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace'],
    "root of a user's user namespace": [*NOBODY, *USER_NAMESPACE],
    "root of root's user namespace": USER_NAMESPACE,
    'the same, with pid, net and mount namespaces': [*USER_NAMESPACE, '--pid', '--fork', '--net', '--mount'],
    'root in another pid namespace': ['unshare', '--pid', '--fork'],
    'root in another net namespace': ['unshare', '--net'],
    'root in another mount namespace': ['unshare', '--mount'],
}

# Asks for all that there is, about the process PID and about itself. Prints for each what came of it, and all bytes that
# were received.
ASKS = r'''
import errno, json, os, socket, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from harness import debugfs
from harness.netlink import *

pid, watch, free = map(int, sys.argv[2:])
heard = []

class Socket(socket.socket):
    def recv(self, *args):
        data = super().recv(*args)
        heard.append(data)
        return data

def result(ask, *args):
    # As a cell of the table has it.
    try:
        ask(*args)
    except Refused as refused:
        return f'`{errno.errorcode[refused.code]}`'
    except OSError as error:
        heard.append(str(error).encode())
        return f'`{errno.errorcode[error.errno]}`'
    return 'allowed'

def requests(nl, pid):
    found = {}
    def ask(name, *args):
        found[name] = result(nl.ask, *args)
    ask('mm-get', MM_GET, u32(MM_PID, pid))
    ask('region-get', REGION_GET, u32(MM_PID, pid), F_DUMP)
    ask('region-get of a watch', REGION_GET, u32(MM_PID, pid) + u32(MM_WATCH_ID, watch), F_DUMP)
    ask('thread-get', THREAD_GET, u32(THREAD_PID, pid), F_DUMP)
    ask('watch', WATCH, u32(WATCH_PID, pid) + attr(WATCH_CALLCHAIN, b""))
    ask('mark', MARK, u32(EVENT_PID, pid) + attr(EVENT_TEXT, b"privacy\0"))
    return found

def of_watches(nl):
    found = {'watch-get': result(nl.ask, WATCH_GET, b"", F_DUMP),
             'process-get': result(nl.ask, PROCESS_GET, u32(PROCESS_WATCH_ID, watch), F_DUMP)}
    try:
        own = nl.watch(os.getpid())
    except Refused:
        own = watch
    found['unwatch'] = result(nl.ask, UNWATCH, u32(WATCH_ID, own))
    return found

def read(path):
    with open(path, 'rb') as file:
        heard.append(file.read())

def write(path):
    with open(path, 'wb', buffering=0) as file:
        file.write(b'privacy')

def readable(folder):
    for path, _, names in os.walk(folder):
        for name in names:
            result(read, os.path.join(path, name))

sock = Socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 16)
sock.bind((0, 0))
nl = Netlink(sock)
found = {'other': requests(nl, pid)}
mine = len(heard)
found['watches'] = of_watches(nl)
found['own'] = requests(nl, os.getpid())
del heard[mine:]
found['free'] = requests(nl, free)
netlink = b"\n".join(heard)
found['PID'] = result(read, debugfs.path(pid))
found['mark'] = result(write, debugfs.FOLDER + '/mark')
found['list'] = result(os.listdir, debugfs.FOLDER)
readable('/sys/module/vasmon')
readable('/proc/self/net')
print(json.dumps({'found': found, 'netlink': netlink.hex(), 'heard': b"\n".join(heard).hex()}))
'''


class Target:
    """A process that root watches while others ask for it, and what root hears of it meanwhile."""

    def __init__(self):
        self.puppet = Puppet(threads=2)
        self.nl = Netlink(receive_buffer=1 << 20)
        defer(self.nl.close)
        self.watch = self.nl.watch(self.puppet.pid, callchain=True, stack_size=1024)
        self.change()

    def change(self):
        addr = self.puppet.mmap(8 * PAGE)
        self.puppet.call('mprotect', addr + PAGE, PAGE, PROT_READ)
        self.puppet.call('mprotect', addr + PAGE, PAGE, RW)
        self.puppet.call('brk', self.puppet.brk() + 100)

    def places(self):
        """Where its regions are. The lowest may be at numbers that anything could be."""
        return [(region.start, region.end) for region in procfs.regions(self.puppet.pid) if region.start >> 32]


def leaks(data, places):
    """What in these bytes is an address, or the number of a page, in one of these places: as a number or as text."""
    starts = [start for start, _ in places]

    def inside(value):
        for shift in 0, 12:
            index = bisect.bisect_right(starts, value << shift) - 1
            if index >= 0 and value << shift < places[index][1]:
                return True
        return False

    numbers = (int.from_bytes(data[at:at + 8], 'little') for at in range(len(data) - 7))
    found = [hex(value) for value in numbers if value and inside(value)]
    found += [text.decode() for text in re.findall(rb'[0-9a-fA-F]{5,16}', data) if inside(int(text, 16))]
    return found + [text.decode() for text in re.findall(rb'[0-9]{6,20}', data) if inside(int(text))]


def asked(who, it):
    """What came of all that he asked about a target, what he received by netlink, and what in all."""
    free = max(procfs.live()) + 1000
    done = subprocess.run([*WHO[who], sys.executable, '-c', ASKS, TESTS, str(it.puppet.pid), str(it.watch), str(free)],
                          capture_output=True, check=False)
    assert not done.returncode, done.stderr.decode()
    answer = json.loads(done.stdout)
    it.change()
    return answer['found'], bytes.fromhex(answer['netlink']), bytes.fromhex(answer['heard']) + done.stderr


def promised():
    """The table in the README: who, and his cells."""
    with open(README, encoding='utf-8') as file:
        table = file.read().split('| Who asks |')[1].split('\n\n')[0].splitlines()[2:]
    return {cells[0]: cells[1:] for cells in ([cell.strip() for cell in line.strip('|').split('|')] for line in table)}


def row(who):
    """Each cell of a row is as the README has it, and who is refused learns no address."""
    requests, file, mark = promised()[who]
    target = Target()
    found, by_netlink, heard = asked(who, target)
    told = f'{who}: {found}'
    # There are pid namespaces in which not all are seen.
    requests, _, outside = requests.partition('; of processes outside: ')
    others = outside or requests
    assert {*found['own'].values(), *found['watches'].values()} == {requests}, told
    assert set(found['other'].values()) == {others}, told
    # Who is refused does not even learn whether there is such a process.
    assert set(found['free'].values()) == {'`ESRCH`' if requests == 'allowed' else requests}, told
    assert (found['PID'], found['mark']) == (file, mark), told
    # Root may see its addresses, so they are found in what root got: this can fail.
    places = target.places()
    for allowed, data in (others == 'allowed', by_netlink), ('allowed' in (others, file), heard):
        seen = leaks(data, places)
        assert bool(seen) == allowed, f'{who}: {seen[:10]}'


def test_table():
    """the table has all who are asked for here, and nobody else"""
    assert list(promised()) == list(WHO)


def test_root():
    """root"""
    row('root')


def test_user():
    """a user"""
    row('a user')


def test_capability():
    """a user with nothing but CAP_SYS_PTRACE"""
    row('a user with nothing but `CAP_SYS_PTRACE`')


def test_no_capability():
    """root without CAP_SYS_PTRACE"""
    row('root without `CAP_SYS_PTRACE`')


def test_user_namespace():
    """root of a user's user namespace"""
    row("root of a user's user namespace")


def test_roots_user_namespace():
    """root of root's user namespace"""
    row("root of root's user namespace")


def test_all_namespaces():
    """root of a user namespace, with pid, net and mount namespaces; it mounts no debugfs"""
    row('the same, with pid, net and mount namespaces')
    done = subprocess.run([*WHO['the same, with pid, net and mount namespaces'], 'mount', '-t', 'debugfs', 'none', '/mnt'],
                          capture_output=True, text=True, check=False)
    assert done.returncode and 'permission denied' in done.stderr, done


def test_pid_namespace():
    """root in another pid namespace"""
    row('root in another pid namespace')


def test_net_namespace():
    """root in another net namespace"""
    row('root in another net namespace')


def test_mount_namespace():
    """root in another mount namespace"""
    row('root in another mount namespace')


def test_log():
    """the kernel's log tells no address of what is watched, not even one in a mark"""
    it = Target()
    place = it.places()[0][0]
    it.nl.ask(MARK, u32(EVENT_PID, it.puppet.pid) + attr(EVENT_TEXT, b'%x\0' % place))
    it.puppet.many_regions(2000)
    it.change()
    until(lambda: debugfs.exists(it.puppet.pid), 'its file is there')
    log = subprocess.run(['dmesg'], capture_output=True, check=True).stdout
    assert b'vasmon' in log, 'this is not the log'
    assert leaks(b'mapped at %x' % place, it.places())
    assert not leaks(log, it.places())
