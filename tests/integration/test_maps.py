# SPDX-License-Identifier: GPL-2.0-only
"""maps --raw is /proc/PID/maps, byte for byte."""
import errno
import os
import subprocess

from harness import build, client, procfs
from harness.build import new_file
from harness.puppet import (ANON, MAP_ANONYMOUS, MAP_FIXED, MAP_GROWSDOWN, MAP_HUGETLB, MAP_NORESERVE, MAP_PRIVATE,
                            MAP_SHARED, PAGE, PROT_NONE, PROT_READ, RW, Puppet)
from harness.tap import Skip
from harness.wait import until

PR_SET_VMA, PR_SET_VMA_ANON_NAME = 0x53564d41, 0


def same(pid, at_least=()):
    """Compare; at_least: bytes that must be there, so that what was to be tested is tested."""
    seen, said = procfs.maps(pid), client.raw_maps(pid)
    for part in at_least:
        assert part in seen, f'{part} is not in /proc/{pid}/maps; this test is wrong:\n{seen.decode(errors="replace")}'
    if said == seen:
        return
    only = [(a, b) for a, b in zip(said.splitlines() + [b''] * 9, seen.splitlines()) if a != b]
    raise AssertionError(f'{len(said.splitlines())} lines, /proc has {len(seen.splitlines())}; '
                         f'the first that differ: {only[:3]}')


def mounted(kind, at, options=''):
    os.makedirs(at, exist_ok=True)
    subprocess.run(['mount', '-t', kind, '-o', options or 'defaults', kind, at], check=True)


def test_idle():
    """an idle program"""
    with subprocess.Popen(['sleep', '100000']) as idle:
        try:
            until(lambda: b'nanosleep' in procfs.read(f'/proc/{idle.pid}/wchan'), 'it sleeps')
            same(idle.pid, [b'[heap]', b'[stack]', b'[vdso]'])
        finally:
            idle.kill()


def test_threads():
    """a program with threads, asked for by the id of one as well"""
    puppet = Puppet(threads=4)
    same(puppet.pid)
    assert client.raw_maps(puppet.threads[2].tid) == procfs.maps(puppet.pid)


def test_all():
    """all processes that there are"""
    own = {os.getpid()}
    pids = [pid for pid in procfs.live() if pid not in own]
    assert 1 in pids
    for pid in pids:
        # Others go on meanwhile: what is the same before and after is what it was between.
        for _ in range(50):
            before, said = procfs.maps(pid), client.run('maps', '--raw', pid)
            if procfs.maps(pid) == before:
                break
        assert said.out == before, f'process {pid}'


def test_files():
    """files, shared and private, at several offsets"""
    puppet = Puppet()
    fd = puppet.open(new_file('plain', 16))
    for offset, flags in (0, MAP_PRIVATE), (0, MAP_SHARED), (3, MAP_PRIVATE), (5, MAP_SHARED), (15, MAP_PRIVATE):
        puppet.mmap(PAGE, PROT_READ, flags, fd, offset * PAGE)
    puppet.mmap(2 * PAGE, RW, MAP_SHARED, fd, 1 << 40)
    same(puppet.pid, [b' 0000f000 ', b' 10000000000 ', b'/files/plain\n'])


def test_deleted():
    """deleted, renamed and replaced files"""
    puppet = Puppet()
    for name in 'deleted', 'renamed', 'replaced':
        puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, puppet.open(new_file(name)))
    folder = build.folder() + '/files'
    os.unlink(f'{folder}/deleted')
    os.rename(f'{folder}/renamed', f'{folder}/other name')
    os.rename(new_file('replacement'), f'{folder}/replaced')
    same(puppet.pid, [b'/files/deleted (deleted)\n', b'/files/other name\n', b'/files/replaced (deleted)\n'])


def test_names():
    """file names with newlines, spaces, backslashes, any bytes, terminal escapes"""
    puppet = Puppet()
    names = [b'new\nline', b'\n', b' space ', b'back\\slash', b'\\012', 'umläut ☃'.encode(), b'bytes \xff\xfe\x80',
             b'\x1b[31mred\x1b[0m', b'\x9b31m', b'tab\tbell\x07', b'\x7f', b'end (deleted)', b'n' * 255]
    for name in names:
        puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, puppet.open(new_file(name)))
    deep = os.fsencode(build.folder()) + (b'/' + b'd' * 200) * 15
    os.makedirs(deep)
    with open(deep + b'/file', 'wb') as file:
        file.write(b'x')
    puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, puppet.open(deep + b'/file'))
    same(puppet.pid, [b'/new\\012line\n', b'/bytes \xff\xfe\x80\n', b'd' * 200 + b'/file\n'])


def test_shared():
    """shared memory: shmat, MAP_SHARED|MAP_ANONYMOUS, memfd, /dev/zero"""
    puppet = Puppet()
    shm = puppet.call('shmget', 0, 3 * PAGE, 0o600)
    puppet.call('shmat', shm, 0, 0)
    puppet.call('shmat', shm, 0, 0o10000)
    puppet.call('shmctl', shm, 0, 0)
    puppet.mmap(2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS)
    memfd = puppet.call('memfd_create', puppet.poke(b'my memory'), 0)
    puppet.call('ftruncate', memfd, 2 * PAGE)
    puppet.mmap(2 * PAGE, RW, MAP_SHARED, memfd)
    zero = puppet.open('/dev/zero')
    puppet.mmap(PAGE, RW, MAP_SHARED, zero)
    puppet.mmap(PAGE, RW, MAP_PRIVATE, zero)
    same(puppet.pid, [b'/SYSV00000000 (deleted)', b'/dev/zero (deleted)', b'/memfd:my memory (deleted)',
                      b'/dev/zero\n'])


def test_hugetlb():
    """huge pages"""
    with open('/proc/sys/vm/nr_hugepages', 'r+', encoding='ascii') as setting:
        setting.write('4')
    puppet = Puppet()
    try:
        addr = puppet.mmap(2 << 20, RW, ANON | MAP_HUGETLB)
        puppet.mmap(4 << 20, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB)
    except OSError as error:
        raise Skip(f'no huge pages here: {errno.errorcode[error.errno]}') from error
    puppet.store(addr)
    same(puppet.pid, [b'/anon_hugepage (deleted)'])


def test_kinds():
    """PROT_NONE, every protection, MAP_GROWSDOWN, locked memory, no reserve"""
    puppet = Puppet()
    for prot in range(8):
        puppet.mmap(PAGE, prot)
        puppet.mmap(PAGE, prot, MAP_SHARED | MAP_ANONYMOUS)
    puppet.mmap(PAGE, RW, ANON | MAP_GROWSDOWN)
    puppet.call('mlock', puppet.mmap(4 * PAGE), 2 * PAGE)
    puppet.mmap(1 << 44, PROT_NONE, ANON | MAP_NORESERVE)
    same(puppet.pid, [b' rwxp ', b' ---p ', b' rwxs ', b' -wxp '])


def test_heap():
    """a heap by brk(), to the byte, then none"""
    puppet = Puppet()
    start = puppet.brk()
    for size in 1, PAGE, 100001, 0:
        puppet.call('brk', start + size)
        same(puppet.pid)
    # Neighbours of the break that only touch it: kernels differ in whether they call them [heap].
    puppet.call('mmap', (start + 2 * PAGE - 1) & -PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0)
    same(puppet.pid)
    puppet.call('brk', procfs_start_brk(puppet.pid))
    same(puppet.pid)
    puppet.call('mmap', procfs_start_brk(puppet.pid) & -PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0)
    same(puppet.pid)


def procfs_start_brk(pid):
    return int(procfs.stat(pid)[47])


def test_anon_names():
    """memory with names (PR_SET_VMA_ANON_NAME)"""
    puppet = Puppet()
    addr = puppet.mmap(4 * PAGE)
    shared = puppet.mmap(4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS)
    ret = puppet.try_call('prctl', PR_SET_VMA, PR_SET_VMA_ANON_NAME, addr, 2 * PAGE, puppet.poke(b'my name'))
    if ret == -errno.EINVAL:
        raise Skip('this kernel has no CONFIG_ANON_VMA_NAME')
    assert ret == 0
    puppet.call('prctl', PR_SET_VMA, PR_SET_VMA_ANON_NAME, shared, PAGE, puppet.poke(b'shared'))
    same(puppet.pid, [b'[anon:my name]'])


def test_many():
    """20 000 regions"""
    puppet = Puppet()
    puppet.many_regions(20000)
    seen = procfs.maps(puppet.pid)
    assert seen.count(b'\n') > 20000
    same(puppet.pid)


def test_namespace():
    """a process in a mount namespace of its own, with files that nobody else can see, and an overlay"""
    place = build.folder() + '/namespace'

    def enter():
        os.unshare(os.CLONE_NEWNS)
        subprocess.run(['mount', '--make-rprivate', '/'], check=True)
        mounted('tmpfs', place)
        for name in 'lower', 'upper', 'work', 'merged':
            os.mkdir(f'{place}/{name}')
        for name in 'below', 'copied':
            with open(f'{place}/lower/{name}', 'wb') as file:
                file.write(b'x' * PAGE)
        mounted('overlay', f'{place}/merged', f'lowerdir={place}/lower,upperdir={place}/upper,workdir={place}/work')

    puppet = Puppet(before=enter)
    assert not os.path.exists(f'{place}/merged')
    puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, puppet.open(f'{place}/lower/below', os.O_RDONLY))
    puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, puppet.open(f'{place}/merged/below', os.O_RDONLY))
    fd = puppet.open(f'{place}/merged/copied')
    puppet.mmap(PAGE, RW, MAP_SHARED, fd)
    puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, fd)
    same(puppet.pid, [b'/merged/copied\n', b'/lower/below\n'])


def test_chroot():
    """a process in a chroot, then in one that is no longer mounted"""
    place = build.folder() + '/jail'
    mounted('tmpfs', place)
    with open(f'{place}/inside', 'wb') as file:
        file.write(b'x' * PAGE)
    puppet = Puppet()
    puppet.call('chroot', puppet.poke(os.fsencode(place)))
    puppet.mmap(PAGE, PROT_READ, MAP_PRIVATE, puppet.open('/inside', os.O_RDONLY))
    same(puppet.pid, [b'/jail/inside\n'])
    subprocess.run(['umount', '-l', place], check=True)
    # The path leads nowhere any more.
    same(puppet.pid, [b'/inside\n'])
    assert b'/jail/inside' not in procfs.maps(puppet.pid)


def test_leader_gone():
    """a process whose main thread has exited while another goes on"""
    puppet = Puppet(threads=2)
    puppet.begin('exit', 0)
    until(lambda: procfs.state(puppet.pid) == 'Z', 'the main thread exits')
    tid = puppet.threads[1].tid
    seen = procfs.read(f'/proc/{puppet.pid}/task/{tid}/maps')
    seen = b''.join(line for line in seen.splitlines(keepends=True) if b'[vsyscall]' not in line)
    assert seen
    assert client.raw_maps(puppet.pid) == seen
