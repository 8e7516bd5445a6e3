# SPDX-License-Identifier: GPL-2.0-only
"""A client that knows the protocol by its spec alone: the kernel's own, tools/net/ynl.

VASMON_YNL names the folder that has it, see tests/vm/tools; tests/check does.
"""
import errno
import os
import sys

from harness import procfs
from harness.puppet import PAGE, Puppet
from harness.tap import Skip, defer
from harness.wait import until

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def ynl():
    """The library, and a way to open the family."""
    tools = os.environ.get('VASMON_YNL')
    if not tools:
        raise Skip('VASMON_YNL does not say where the kernel has its client: see tests/check')
    if f'{tools}/tools/net/ynl' not in sys.path:
        sys.path.insert(0, f'{tools}/tools/net/ynl')
    import lib  # pylint: disable=import-outside-toplevel  (it is where the environment says)

    def family():
        opened = lib.YnlFamily(f'{TREE}/include/spec/vasmon.yaml', f'{tools}/Documentation/netlink/genetlink.yaml')
        defer(opened.sock.close)
        return opened
    return lib, family


def address(text):
    """What the spec wants to be shown as hexadecimal is so already."""
    return int(text, 16)


def perms(prot):
    letters = (('read', 'r'), ('write', 'w'), ('exec', 'x'))
    return ''.join(letter if name in prot else '-' for name, letter in letters) + ('s' if 'shared' in prot else 'p')


def test_requests():
    """the spec is what the kernel's schema allows, and by it every request is made and every answer understood"""
    _, family = ynl()
    asks, listens = family(), family()
    puppet = Puppet(threads=2)
    made = set()

    def do(method, vals, by=asks):
        made.add(method)
        return by.do(method, vals)

    def dump(method, vals):
        made.add(method)
        return asks.dump(method, vals)

    mm = do('mm-get', {'pid': puppet.pid})
    assert mm['pid'] == puppet.pid and address(mm['brk']) == puppet.brk() and mm['comm'] == 'puppet', mm
    watch = do('watch', {'pid': puppet.pid, 'callchain': True, 'stack-size': 64}, by=listens)
    assert watch['pid'] == puppet.pid and watch['seq'] == 0, watch

    first, *more = dump('region-get', {'pid': puppet.pid, 'watch-id': watch['id']})
    assert first['seq'] == 0 and first['map-count'] == len(procfs.regions(puppet.pid)), first
    regions = [region for message in (first, *more) for region in message.get('region', [])]
    assert [(address(region['start']), address(region['end']), perms(region['prot']),
             address(region.get('offset', '0')), region.get('inode', 0))
            for region in regions] == [tuple(region[:4]) + (region.inode,) for region in procfs.regions(puppet.pid)]

    threads = dump('thread-get', {'pid': puppet.pid})
    assert {thread['tid'] for thread in threads} == {thread.tid for thread in puppet.threads}, threads
    listed = dump('watch-get', {})
    assert [(entry['id'], entry['pid'], entry['subscriber'][0]['comm']) for entry in listed] == [
        (watch['id'], puppet.pid, 'python3')], listed
    assert dump('process-get', {'watch-id': watch['id']}) == [
        {'watch-id': watch['id'], 'pid': puppet.pid, 'regions': len(regions)}]

    addr = puppet.mmap(3 * PAGE)
    do('mark', {'pid': puppet.pid, 'text': 'by ynl'})

    def both():
        listens.check_ntf()
        return len(listens.async_msg_queue) >= 2
    until(both, 'the events come')
    mapped, marked = (message['msg'] for message in list(listens.async_msg_queue))
    made.add('event')
    assert mapped['seq'] == 1 and mapped['cause'] == 'syscall' and mapped['tid'] == puppet.pid, mapped
    assert any(address(region['start']) <= addr and addr + 3 * PAGE <= address(region['end'])
               for region in mapped['new']), mapped
    assert mapped['args'][1] == 3 * PAGE and mapped['callchain'], mapped
    assert len(bytes.fromhex(mapped['stack'])) == 64 and mapped['registers'][16] == mapped['callchain'][0], mapped
    assert marked['seq'] == 2 and marked['cause'] == 'mark' and marked['text'] == 'by ynl', marked

    do('unwatch', {'id': watch['id']}, by=listens)
    assert not dump('watch-get', {})
    assert made == set(asks.msgs), 'the spec has a request that is not made here'


def test_refusals():
    """what is refused says why, and names the attribute"""
    lib, family = ynl()
    asks = family()
    for method, vals, code, words in (('mm-get', {'pid': 0x7ffffff0}, errno.ESRCH, 'no such process'),
                                      ('watch', {}, errno.EINVAL, 'pid is missing'),
                                      ('unwatch', {'id': 0x7ffffff0}, errno.ENOENT, 'no such watch')):
        try:
            asks.do(method, vals)
        except lib.NlError as refused:
            assert refused.error == code and words in refused.nl_msg.extack['msg'], refused
        else:
            raise AssertionError(f'{method} {vals} was not refused')
