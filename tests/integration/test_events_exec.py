# SPDX-License-Identifier: GPL-2.0-only
"""exec: exactly one event that replaces the whole map."""
from harness import client, procfs, ptrace, space
from harness.puppet import ANON, PAGE, RW
from harness.watched import View, Watched


def execs(w, thread=0):
    """Let it exec itself, and hold it just then. Returns the event and the map before."""
    before = procfs.maps(w.pid)
    # The pipes are passed on; subprocess made them inheritable in the child.
    tracee = ptrace.Tracee(w.pid, [thread.tid for thread in w.puppet.threads])
    w.puppet.begin_exec(w.puppet.path, w.puppet.args, thread)
    tracee.wait_exec()
    assert w.events_so_far() == w.seq + 1, 'one event for exec, and nothing else yet'
    event = w.watch.record()
    seen = procfs.regions(w.pid)
    raw = procfs.maps(w.pid)
    assert client.raw_maps(w.pid) == raw
    w.space.apply(event)
    assert w.space.maps() == raw, 'the map at the moment of exec'
    w.seq += 1
    assert event['cause'] == 'exec' and event['tid'] == event['tgid'] == w.pid and event['comm'] == 'puppet', event
    # Its arguments were cleared from the registers: none are told, rather than zeros.
    assert event['syscall'] == {'name': 'execve', 'nr': w.puppet.numbers['execve'], 'arch': hex(w.puppet.arch)}, event
    assert event['window'] == {'start': '0x0', 'end': hex((1 << 64) - 1)}
    assert [space.region_of(r).start for r in event['new']] == [r.start for r in seen]
    stat = procfs.stat(w.pid)
    assert int(event['start_brk'], 16) == int(stat[47]) and int(event['start_stack'], 16) == int(stat[28])
    tracee.detach()
    return event, before


def settle(w):
    """The new program is ready: what the loader did came as events, and gives its map."""
    w.puppet.threads = w.puppet.threads[:1]
    w.puppet.threads[0].greet()
    w.puppet.free = 0
    w.refresh()
    assert w.space.maps() == procfs.maps(w.pid)
    seen = View(w.puppet)
    assert (w.space.start_brk, w.space.brk) == (seen.start_brk, seen.brk)


def test_exec():
    """exec by a program with one thread"""
    w = Watched()
    event, before = execs(w)
    old = b''.join(procfs.line_of(space.region_of(r)) for r in event['old'])
    assert old == before
    w.puppet.args = w.puppet.arguments(1, w.puppet.threads[:1])
    settle(w)
    w.change('mmap', 0, PAGE, RW, ANON, -1, 0)


def test_exec_by_thread():
    """exec by a thread that is not the main one: it becomes it"""
    w = Watched(threads=3)
    # Only the first pair of pipes will be used by the new program.
    w.puppet.args = w.puppet.arguments(1, w.puppet.threads[:1])
    execs(w, thread=2)
    settle(w)
    w.change('mmap', 0, PAGE, RW, ANON, -1, 0)


def test_exec_fails():
    """exec of what is no program: no event"""
    w = Watched()
    path = w.puppet.poke(b'/proc/self/status')
    w.no_event('execve', path, w.puppet.words(['x']), 0, error=13)
    path = w.puppet.poke(b'/there/is/none')
    w.no_event('execve', path, w.puppet.words(['x']), 0, error=2)


def test_exec_again():
    """exec again and again: each one is seen"""
    w = Watched()
    w.puppet.args = w.puppet.arguments(1, w.puppet.threads[:1])
    for _ in range(3):
        execs(w)
        settle(w)
