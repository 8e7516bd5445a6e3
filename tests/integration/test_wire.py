# SPDX-License-Identifier: GPL-2.0-only
"""Numbers and types of the protocol never change: a client of any age speaks to a module of any age.

What is added belongs at the end of these tables. Nothing in them may be moved, renamed or taken away.
"""
import os

import yaml

from harness import netlink

# Each counts from where FIRST says; flags double.
FIRST = {'prot': 1, 'trait': 1, 'chain_cause': 1, 'event_flag': 1, 'name_type': 0, 'cause': 0}
FLAGS = 'prot', 'trait', 'chain_cause', 'event_flag'
FROZEN = {
    'prot': '''
        read write exec shared
    ''',
    'trait': '''
        grows_down locked lock_on_fault io pfn mixed hugetlb huge no_huge mergeable dont_fork wipe_on_fork
        dont_expand dont_dump no_reserve sequential random sync uffd_missing uffd_wp uffd_minor sealed
        shadow_stack droppable
    ''',
    'name_type': '''
        none file special anon anon_shmem
    ''',
    'cause': '''
        none syscall fault exec exit remote kernel resync overrun fork mark
    ''',
    'chain_cause': '''
        fault brk mmap munmap mremap mprotect other
    ''',
    'event_flag': '''
        incomplete more end
    ''',
    'a_region': '''
        pad:pad start:u64 end:u64 prot:u32 traits:u64 vm_flags:u64 offset:u64 dev_major:u32 dev_minor:u32
        inode:u64 name_type:u32 name:string
    ''',
    'a_mm': '''
        pad:pad pid:u32 watch_id:u32 seq:u64 time:u64 comm:string exe:string start_code:u64 end_code:u64
        start_data:u64 end_data:u64 start_brk:u64 brk:u64 start_stack:u64 arg_start:u64 arg_end:u64 env_start:u64
        env_end:u64 total_vm:u64 locked_vm:u64 pinned_vm:u64 data_vm:u64 exec_vm:u64 stack_vm:u64 map_count:u32
        heap_inclusive:flag region:nest
    ''',
    'a_watch': '''
        pad:pad id:u32 pid:u32 ring_size:u32 follow:flag lossless:flag seq:u64 comm:string regions:u32
        processes:u32 memory:u64 subscriber:nest effort:nest unfollowed:u32 callchain:flag
        stack_size:u32 callchain_causes:u32 callchain_tid:u32
    ''',
    'a_effort': '''
        pad:pad window:u64 stack:u64 full_call:u64 full_remote:u64 full_totals:u64
    ''',
    'a_subscriber': '''
        pad:pad portid:u32 pid:u32 comm:string sent:u64 lost:u64 overruns:u64 lossless:flag waits:u64
        callchain:flag stack_size:u32
    ''',
    'a_event': '''
        pad:pad watch_id:u32 seq:u64 time:u64 pid:u32 cause:u32 flags:u32 tid:u32 tgid:u32 comm:string syscall:s32
        arch:u32 args:binary start:u64 end:u64 old_count:u32 old:nest new:nest brk_from:u64 brk_to:u64
        start_brk:u64 start_stack:u64 map_count:u32 exit_code:u32 lost:u64 callchain:binary stack:binary
        text:string registers:binary
    ''',
    'a_process': '''
        pad:pad watch_id:u32 pid:u32 regions:u32
    ''',
    'a_thread': '''
        pad:pad pid:u32 tid:u32 comm:string stack_pointer:u64 tls:u64
    ''',
    'cmd': '''
        mm_get region_get watch unwatch watch_get event mark process_get thread_get
    ''',
}
CONSTANTS = {'comm-len': 16, 'args': 6, 'ring-size-min': 65536, 'ring-size-max': 67108864, 'callchain-max': 32,
             'stack-max': 8192, 'registers': 17, 'mark-max': 255, 'mark-rate': 10000}


def frozen(name):
    """The entries of a table as (name, type, number)."""
    number, found = FIRST.get(name, 1), []
    for entry in FROZEN[name].split():
        word, _, kind = entry.partition(':')
        found.append((word, kind, number))
        number = number * 2 if name in FLAGS else number + 1
    return found


def spec():
    tree = os.path.abspath(__file__)
    for _ in range(3):
        tree = os.path.dirname(tree)
    with open(f'{tree}/include/spec/vasmon.yaml', encoding='utf-8') as file:
        return yaml.safe_load(file)


def test_numbers():
    """commands, attributes, causes and flags have the numbers that they always had"""
    assert set(FROZEN) <= set(netlink.HEADER), 'an enumeration is gone'
    for name in FROZEN:
        prefix = '' if name == 'cmd' else name.removeprefix('a_').upper() + '_'
        now = netlink.HEADER[name]
        for word, _, number in frozen(name):
            assert now.get(prefix + word.upper()) == number, f'{name} {word} was {number}: {now}'
        assert len(set(now.values())) == len(now), f'a number of {name} is used twice: {now}'


def test_types():
    """attributes have the types that they always had"""
    now = {one['name']: {attribute['name'].replace('-', '_'): attribute['type'] for attribute in one['attributes']}
           for one in spec()['attribute-sets']}
    for name in FROZEN:
        if name.startswith('a_'):
            for word, kind, _ in frozen(name):
                assert now[name[2:]][word] == kind, f'{name} {word} was a {kind}: {now[name[2:]]}'


def test_constants():
    """bounds, name and version of the family"""
    now = spec()
    said = {one['name']: one['value'] for one in now['definitions'] if one['type'] == 'const'}
    assert {name: said.get(name) for name in CONSTANTS} == CONSTANTS
    with netlink.Netlink(family=False) as nl:
        answer = dict(nl.ask(3, netlink.attr(2, b'vasmon\0'), family=netlink.GENL_ID_CTRL)[0])
    # CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_VERSION, CTRL_ATTR_HDRSIZE
    assert answer[2] == b'vasmon\0'
    assert [int.from_bytes(answer[kind], 'little') for kind in (3, 4)] == [1, 0]
