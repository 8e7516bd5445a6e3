# SPDX-License-Identifier: GPL-2.0-only
"""Call chains: where the thread was in user mode when it made the call."""
import struct
import subprocess

from harness import build, netlink, procfs
from harness.netlink import EVENT_CALLCHAIN, EVENT_STACK_TOP, Netlink
from harness.puppet import PAGE, Puppet
from harness.tap import defer


def sockets():
    found = [Netlink(receive_buffer=1 << 20) for _ in range(2)]
    for nl in found:
        defer(nl.close)
    return found


def first(nl):
    """The first event that comes, as a dictionary."""
    events = []
    while not events:
        events = nl.events()
    return dict(events[0])


def addresses(event):
    data = event[EVENT_CALLCHAIN]
    return struct.unpack(f'={len(data) // 8}Q', data)


def chained():
    """A process whose functions are known, and what it printed of them."""
    driver = build.driver('chain', '-fno-omit-frame-pointer', '-fno-stack-protector')
    proc = subprocess.Popen([driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    defer(proc.wait)
    defer(proc.kill)
    return proc, [int(word, 16) for word in proc.stdout.readline().split()]


def map_page(proc, line=''):
    proc.stdin.write(f'{line}\n'.encode())
    proc.stdin.flush()
    return int(proc.stdout.readline(), 16)


def test_functions():
    """the chain leads from the call through the functions that were called, up to main"""
    proc, (inner, outer, main, _) = chained()
    with_chains, without = sockets()
    with_chains.watch(proc.pid, callchain=True)
    without.watch(proc.pid)
    map_page(proc)
    chain = addresses(first(with_chains))
    assert len(chain) >= 3, [hex(address) for address in chain]
    functions = (inner, outer, main)
    for address, start in zip(chain, functions):
        found = max((function for function in functions if function < address), default=0)
        assert found == start, f'{[hex(a) for a in chain]}: {address:x} is in {found:x}, not in {start:x}'
    assert EVENT_CALLCHAIN not in first(without), 'who did not ask is not told'


def test_subscriber():
    """a subscriber that comes and goes decides whether there are chains"""
    proc, _ = chained()
    one, two = sockets()
    one.watch(proc.pid)
    map_page(proc)
    assert EVENT_CALLCHAIN not in first(one)
    watch = two.watch(proc.pid, callchain=True)
    map_page(proc)
    assert EVENT_CALLCHAIN in first(two) and EVENT_CALLCHAIN not in first(one)
    two.unwatch(watch)
    map_page(proc)
    assert EVENT_CALLCHAIN not in first(one)


def test_stack_top():
    """libc's function that makes the call has no frame: its return address is the word at the stack pointer"""
    puppet, (nl, _) = Puppet(), sockets()
    nl.watch(puppet.pid, callchain=True)
    puppet.call('mmap', 0, PAGE, 3, 0x22, -1, 0)
    event = first(nl)
    chain = addresses(event)
    holding = [region for region in procfs.regions(puppet.pid) if region.start <= chain[0] < region.end]
    assert holding and 'x' in holding[0].perms, f'{chain[0]:x} is no code'
    assert len(event[EVENT_STACK_TOP]) == 8


def test_made_up():
    """frame pointers that lead nowhere, down, in circles or into the kernel end the chain"""
    proc, (_, _, _, words) = chained()
    nl, _ = sockets()
    nl.watch(proc.pid, callchain=True)
    for name, frame, frames, wanted in (
            ('in a circle', words, [(words, 1)], [1]),
            ('down', words + 16, [(0, 9), (words, 2)], [2]),
            ('into the kernel', words, [(0xffff888000000000, 3)], [3]),
            ('to the end of all addresses', words, [((1 << 64) - 8, 4)], [4]),
            ('nowhere', 8, [], []),
            ('in the kernel', 0xffffffff81000000, [], []),
            ('not aligned', words + 4, [(words, 5)], []),
            ('no return address', words, [(words + 16, 6), (0, 0)], [6]),
            ('on and on', words, [(words + 16 * (i + 1), 100 + i) for i in range(500)],
             [100 + i for i in range(netlink.CALLCHAIN_MAX - 1)])):
        line = ' '.join(f'{word:x}' for word in (frame, *(word for pair in frames for word in pair)))
        assert map_page(proc, line) > 0
        chain = addresses(first(nl))
        assert list(chain[1:]) == wanted, f'{name}: {[hex(a) for a in chain]}'
