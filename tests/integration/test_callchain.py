# SPDX-License-Identifier: GPL-2.0-only
"""Call chains: where the thread was in user mode when it made the call."""
import errno
import struct
import subprocess

from harness import build, client, netlink
from harness.netlink import (CHAIN_CAUSE, EVENT_CALLCHAIN, EVENT_FLAG_MORE, EVENT_FLAGS, EVENT_REGISTERS, EVENT_STACK,
                             EVENT_TID, Netlink, number, refusal)
from harness.puppet import ANON, MAP_GROWSDOWN, NUMBERS_32, PAGE, PROT_READ, Puppet, Puppet32, RW, go_on, stop
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
    proc, (inner, outer, main, *_) = chained()
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


def test_stack():
    """as many bytes of the stack as were asked for, or as there are, and the registers that led there"""
    proc, (*_, end) = chained()
    small, large = sockets()
    small.watch(proc.pid, callchain=True, stack_size=64)
    large.watch(proc.pid, callchain=True, stack_size=netlink.STACK_MAX)
    for name, stack, size in (('over three pages', end - 8192 - 64, 8192), ('less than was asked for', end - 64, 64),
                              ('a little', end - 24, 24), ('not aligned', end - 12, 8),
                              ('not there', end, 0), ('nowhere', 8, 0), ('in the kernel', 0xffffffff81000000, 0),
                              ('to the end of all addresses', (1 << 64) - 8, 0)):
        assert map_page(proc, f's {stack:x}') > 0
        for nl, most in (small, 64), (large, netlink.STACK_MAX):
            event, wanted = first(nl), min(size, most)
            assert (EVENT_STACK in event) == (EVENT_REGISTERS in event) == (wanted > 0), name
            if not wanted:
                continue
            assert len(event[EVENT_STACK]) == wanted, f'{name}: {len(event[EVENT_STACK])} bytes'
            if stack % 8 == 0:
                there = struct.unpack(f'={wanted // 8}Q', event[EVENT_STACK])
                assert list(there) == list(range(stack, stack + wanted, 8)), f'{name}: {event[EVENT_STACK]!r}'
            registers = struct.unpack('=17Q', event[EVENT_REGISTERS])
            assert (registers[3], *registers[6:8], *registers[12:16]) == (1, 2, stack, 3, 4, 5, 6), registers
            assert registers[4] == PAGE and registers[16] == addresses(event)[0], registers


def test_no_stack():
    """who asks for chains alone gets no stack, whatever others ask for; and nobody once they are gone"""
    proc, (*_, end) = chained()
    without, asks = sockets()
    without.watch(proc.pid, callchain=True)
    watch = asks.watch(proc.pid, callchain=True, stack_size=8)
    map_page(proc, f's {end - 8:x}')
    assert EVENT_STACK in first(asks)
    event = first(without)
    assert EVENT_CALLCHAIN in event and EVENT_STACK not in event and EVENT_REGISTERS not in event
    asks.unwatch(watch)
    asks.watch(proc.pid, callchain=True, stack_size=0)
    map_page(proc, f's {end - 8:x}')
    assert EVENT_STACK not in first(asks) and EVENT_STACK not in first(without)


def test_refused():
    """a stack without a chain, of more than the most, or of no whole words"""
    proc, _ = chained()
    nl, _ = sockets()
    for code, callchain, size in ((errno.EINVAL, False, 64), (errno.EINVAL, True, 63),
                                  (errno.ERANGE, True, netlink.STACK_MAX + 8)):
        said = refusal(nl.watch, proc.pid, callchain=callchain, stack_size=size)
        assert said.code == code, said
    nl.watch(proc.pid, callchain=False, stack_size=0)


def of_all_causes(puppet, thread=0):
    """Makes an event of each cause that a chain can be asked for. Returns their names, in order."""
    old, there = puppet.mmap(4 * PAGE), puppet.mmap(4 * PAGE)
    stack = puppet.mmap(4 * PAGE, flags=ANON | MAP_GROWSDOWN) + 2 * PAGE
    puppet.call('munmap', stack - 2 * PAGE, 2 * PAGE)
    yield 'ready'
    puppet.call('mprotect', old, PAGE, PROT_READ, thread=thread)
    yield 'MPROTECT'
    puppet.call('mremap', old + PAGE, 3 * PAGE, 3 * PAGE, 3, there, thread=thread)
    yield 'MREMAP'
    puppet.call('munmap', old, PAGE, thread=thread)
    yield 'MUNMAP'
    puppet.call('brk', puppet.brk() + 16 * PAGE, thread=thread)
    yield 'BRK'
    puppet.store(stack - PAGE, thread=thread)
    yield 'FAULT'
    puppet.call('madvise', there, PAGE, 10, thread=thread)  # MADV_DONTFORK
    yield 'OTHER'
    puppet.call('mmap', 0, PAGE, RW, ANON, -1, 0, thread=thread)
    yield 'MMAP'


def test_causes():
    """stack and chain come with the causes that were asked for, and the events with all"""
    for wanted in list(CHAIN_CAUSE), *([name] for name in CHAIN_CAUSE), []:
        puppet, (nl, _) = Puppet(), sockets()
        steps = of_all_causes(puppet)
        next(steps)
        nl.watch(puppet.pid, callchain=True, stack_size=64, causes=sum(CHAIN_CAUSE[name] for name in wanted))
        seen = set()
        for step in steps:
            event = first(nl)
            assert (EVENT_CALLCHAIN in event) == (EVENT_STACK in event) == (step in wanted), (step, wanted, event)
            seen.add(step)
        assert seen == set(CHAIN_CAUSE), seen
        puppet.end()


def test_causes_32():
    """calls of a 32-bit program are what they are by their names"""
    puppet, (nl, _) = Puppet(), sockets()
    for wanted in 'BRK', 'MMAP':
        watch = nl.watch(puppet.pid, callchain=True, causes=CHAIN_CAUSE[wanted])
        puppet.try_int80(NUMBERS_32['mmap2'], 0, PAGE, PROT_READ, ANON, 0xffffffff, 0)
        assert (EVENT_CALLCHAIN in first(nl)) == (wanted == 'MMAP'), wanted
        nl.unwatch(watch)


def test_old_mmap():
    """the mmap of 32 bits whose arguments are in memory is an mmap"""
    puppet, (nl, _) = Puppet32(), sockets()
    at = puppet.poke(struct.pack('=6I', 0, PAGE, PROT_READ, ANON, 0xffffffff, 0))
    for wanted in 'OTHER', 'MMAP':
        watch = nl.watch(puppet.pid, callchain=True, causes=CHAIN_CAUSE[wanted])
        puppet.call('old_mmap', at)
        assert (EVENT_CALLCHAIN in first(nl)) == (wanted == 'MMAP'), wanted
        nl.unwatch(watch)


def test_thread():
    """chains of one thread; all of its process's events come"""
    puppet, (nl, _) = Puppet(threads=2), sockets()
    nl.watch(puppet.pid, callchain=True, stack_size=64, tid=puppet.threads[1].tid)
    for thread in 0, 1, 0:
        puppet.call('mmap', 0, PAGE, RW, ANON, -1, 0, thread=thread)
        event = first(nl)
        assert number(event.items(), EVENT_TID) == puppet.threads[thread].tid, event
        assert (EVENT_CALLCHAIN in event) == (EVENT_STACK in event) == (thread == 1), event


def test_wishes():
    """each of two subscribers has at least what it asked for, and once one has gone no more than the other"""
    puppet, (one, two) = Puppet(threads=2), sockets()
    asked = {one: ({'MMAP'}, 0), two: ({'MUNMAP', 'BRK'}, 1)}
    watches = {nl: nl.watch(puppet.pid, callchain=True, stack_size=64, tid=puppet.threads[thread].tid,
                            causes=sum(CHAIN_CAUSE[name] for name in causes)) for nl, (causes, thread) in asked.items()}

    def doings(of):
        for thread in 0, 1:
            addr = puppet.call('mmap', 0, PAGE, RW, ANON, -1, 0, thread=thread)
            yield 'MMAP', thread, of()
            puppet.call('munmap', addr, PAGE, thread=thread)
            yield 'MUNMAP', thread, of()

    for cause, thread, events in doings(lambda: {nl: first(nl) for nl in asked}):
        for nl, (causes, its) in asked.items():
            if cause in causes and thread == its:
                assert EVENT_STACK in events[nl] and EVENT_CALLCHAIN in events[nl], (cause, thread, events)
    one.unwatch(watches[one])
    for cause, thread, event in doings(lambda: first(two)):
        wanted = cause == 'MUNMAP' and thread == 1
        assert (EVENT_CALLCHAIN in event) == (EVENT_STACK in event) == wanted, (cause, event)


def test_wishes_refused():
    """causes that there are not, no thread, and either without a chain"""
    puppet, (nl, _) = Puppet(), sockets()
    every = sum(CHAIN_CAUSE.values())
    for code, options in ((errno.ERANGE, {'callchain': True, 'causes': every + 1}), (errno.EINVAL, {'causes': every}),
                          (errno.ERANGE, {'callchain': True, 'tid': 0}), (errno.EINVAL, {'tid': puppet.pid})):
        said = refusal(nl.watch, puppet.pid, **options)
        assert said.code == code, (options, said)


def test_no_slack():
    """threads could overrun a lossless subscriber: the ring has to be larger than the smallest"""
    proc, _ = chained()
    deep, lossless = sockets()
    watch = deep.watch(proc.pid, ring_size=netlink.SMALLEST_RING, callchain=True, stack_size=netlink.STACK_MAX)
    assert refusal(lossless.watch, proc.pid, lossless=True).code == errno.ENOSPC
    deep.unwatch(watch)
    lossless.watch(proc.pid, lossless=True, ring_size=netlink.SMALLEST_RING)
    assert refusal(deep.watch, proc.pid, callchain=True, stack_size=netlink.STACK_MAX).code == errno.ENOSPC
    deep.watch(proc.pid, callchain=True)


def test_no_slack_stopped():
    """the same where the lossless subscriber is stopped, and nobody waits for it just then"""
    proc, _ = chained()
    deep, other = sockets()
    lossless = client.Watch('--lossless', f'--ring-size={netlink.SMALLEST_RING}', proc.pid).ready(proc.pid)
    other.watch(proc.pid)
    stop(lossless.pid)
    for _ in range(2):
        # The worker has seen that it is stopped when it comes to the second one.
        map_page(proc)
        first(other)
    assert refusal(deep.watch, proc.pid, callchain=True, stack_size=netlink.STACK_MAX).code == errno.ENOSPC
    go_on(lossless.pid)


def test_parts():
    """a change of many regions is told by several events, of which the first has the stack"""
    puppet, (nl, _) = Puppet(), sockets()
    start = puppet.call('mmap', 0, 400 * PAGE, 3, 0x22, -1, 0)
    for page in range(0, 400, 2):
        puppet.call('mprotect', start + page * PAGE, PAGE, 1)
    watch = nl.watch(puppet.pid, callchain=True, stack_size=64)
    # As whoever follows does: on PREEMPT_RT a probe has no memory to take so large a map by itself.
    nl.ask(netlink.REGION_GET, netlink.u32(netlink.MM_PID, puppet.pid) + netlink.u32(netlink.MM_WATCH_ID, watch),
           netlink.F_DUMP)
    puppet.call('mlockall', 1)
    events = []
    while not events or (number(events[-1].items(), EVENT_FLAGS) or 0) & EVENT_FLAG_MORE:
        events += [dict(event) for event in nl.events()]
    assert len(events) > 400 / 32, len(events)
    assert EVENT_STACK in events[0] and all(EVENT_CALLCHAIN in event for event in events), events
    assert not any(EVENT_STACK in event for event in events[1:]), events


def test_made_up():
    """frame pointers that lead nowhere, down, in circles or into the kernel end the chain"""
    proc, (_, _, _, words, _) = chained()
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
