# SPDX-License-Identifier: GPL-2.0-only
"""What the client says to bad input: status, cause and remedy on stderr, nothing on stdout."""
import collections
import os
import re
import subprocess

from harness import client, netlink, procfs
from harness.puppet import PAGE, Puppet
from harness.tap import note
from harness.wait import until

PID_VERBS = (['maps'], ['maps', '--raw'], ['maps', '--json'], ['watch'], ['watch', '-q', '--json'])


def refused(args, status, *words, **options):
    """It ends with this status, and these words are on stderr."""
    result = client.run(*args, **options)
    assert result.status == status, f'{args}: status {result.status}, and it is to be {status}: {result.err}'
    assert not result.out, f'{args} printed {result.out[:200]}'
    for word in words:
        assert word.lower() in result.err.lower(), f'{args}: {word!r} is not in {result.err!r}'
    assert result.err.startswith(('vasmon-client: ', 'usage: ')), result.err


def free_pid():
    """A pid that nobody has."""
    with open('/proc/sys/kernel/pid_max', encoding='ascii') as file:
        return int(file.read()) - 1


def test_no_pid():
    """no pid"""
    for verb in PID_VERBS:
        refused(verb, client.USAGE, 'PID', '--help')


def test_not_a_pid():
    """what is no pid: 0, negative, no number, with something behind"""
    own = str(os.getpid())
    for verb in PID_VERBS:
        for pid in '0', '-1', '-' + own, 'abc', own + 'x', own + ' ', ' ' + own, '', '0x10', '1e3', '+1', '1.0', '１':
            refused([*verb, '--', pid], client.USAGE, 'process', '--help')
        refused([*verb, '-5'], client.USAGE, 'positive')
        refused([*verb, '00'], client.USAGE, '0')


def test_too_large():
    """too large: nothing is cut off to a pid that there is"""
    own = os.getpid()
    for verb in PID_VERBS:
        for pid in (1 << 31) - 1 + 1, (1 << 32) + own, (1 << 64) + own, 1 << 64, (1 << 64) - 1, '9' * 400:
            refused([*verb, str(pid)], client.USAGE, 'too large')
        refused([*verb, str((1 << 31) - 1)], client.NO_PROCESS, 'no such process')


def test_no_process():
    """no such process: 42"""
    for verb in PID_VERBS:
        refused([*verb, str(free_pid())], client.NO_PROCESS, 'no such process', str(free_pid()), 'ps ')


def test_kernel_thread():
    """a kernel thread"""
    assert procfs.read('/proc/2/comm') == b'kthreadd\n'
    for verb in PID_VERBS:
        refused([*verb, '2'], client.ERROR, 'kernel thread')
    assert not netlink.watches()


def test_zombie():
    """a zombie"""
    puppet = Puppet()
    puppet.begin('exit_group', 0)
    until(lambda: procfs.state(puppet.pid) == 'Z', 'it is a zombie')
    for verb in PID_VERBS:
        # A map comes by a dump, of which older kernels tell the errno only.
        known = netlink.DUMPS_EXPLAIN or verb[0] != 'maps'
        refused([*verb, str(puppet.pid)], client.NO_PROCESS, 'exited' if known else 'no such process')
    assert not netlink.watches()


def test_exits_meanwhile():
    """processes that exit during the request: 0 or 42, and nothing is left"""
    def asked(verb, life):
        with subprocess.Popen(['sleep', f'{life:.6f}']) as short:
            result = client.run(*verb, short.pid)
            assert result.status in (client.DONE, client.NO_PROCESS), result
            if result.status == client.NO_PROCESS:
                assert not result.out and 'vasmon-client' in result.err, result
        return result.status

    for verb in ['maps', '--raw'], ['watch', '-q', '--json']:
        seen = collections.Counter()
        # Each lives a little longer or shorter than the request takes, by what came of the one before.
        life = 0.01
        for _ in range(40):
            status = asked(verb, life)
            seen[status] += 1
            life = life * 1.3 if status == client.NO_PROCESS else life / 1.3
        note(f'{verb[0]}: {dict(seen)}')
        assert set(seen) == {client.DONE, client.NO_PROCESS}, seen
    netlink.none_left()


def test_permission():
    """without CAP_SYS_PTRACE: the capability is named"""
    puppet = Puppet()
    nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    without = ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace']
    # Root of a namespace of its own is nobody here; nor may it see its own process's addresses of before.
    inside = ['unshare', '--user', '--map-root-user']
    for prefix in nobody, without, inside:
        for verb in PID_VERBS:
            refused([*verb, str(puppet.pid)], client.ERROR, 'CAP_SYS_PTRACE', 'root', prefix=prefix)
            # Whether there is such a process is nothing that they learn.
            refused([*verb, str(free_pid())], client.ERROR, 'CAP_SYS_PTRACE', prefix=prefix)
        refused(['list'], client.ERROR, 'CAP_SYS_PTRACE', prefix=prefix)
    assert not netlink.watches()


def test_capability_suffices():
    """a user with nothing but CAP_SYS_PTRACE may"""
    puppet = Puppet()
    prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=+sys_ptrace',
              '--ambient-caps=+sys_ptrace']
    result = client.run('maps', '--raw', puppet.pid, prefix=prefix)
    assert result.status == client.DONE and result.out == procfs.maps(puppet.pid), result


def test_usage():
    """unknown verbs and options, missing and superfluous arguments"""
    own = str(os.getpid())
    calls = [['frobnicate'], ['--frobnicate'], ['-x'], [''], ['maps', '--frobnicate', own], ['maps', '-y', own],
             ['maps', own, 'g'], ['maps', own, own, own], ['maps', '--summary', own, own], ['maps', '--raw', '-x', own],
             ['maps', '--raw', '--json', own], ['maps', '--raw=1', own],
             ['maps', '--color=pink', own], ['watch', '-x', own], ['watch', own, own], ['watch', '--count', own],
             ['list', '--raw'], ['list', own], ['version', 'x'], ['help', 'frobnicate'], ['help', 'maps', 'list']]
    calls += [['watch', f'--count={value}', own] for value in ('0', '-1', 'x', '', '1x', '9' * 20)]
    calls += [['watch', f'--duration={value}', own] for value in ('0', '-1', 'x', '', '1x', 'nan', 'inf', '1e9', '.')]
    for args in calls:
        refused(args, client.USAGE, '--help')
    refused([], client.USAGE, 'usage')
    assert not netlink.watches()


def test_help():
    """help is no error, and on stdout"""
    def helped(*args):
        result = client.run(*args)
        assert result.status == client.DONE and result.out.startswith(b'usage: ') and not result.err, (args, result)
        return result.out.decode()

    text = helped('--help')
    assert helped('-h') == helped('help') == text
    verbs = re.findall('^  ([a-z]+) +', text.split('\nverbs:\n')[1].split('\n\n')[0], flags=re.M)
    assert {'watch', 'maps', 'list', 'version', 'help'} < set(verbs), verbs
    for verb in verbs:
        said = helped(verb, '--help')
        assert said.startswith(f'usage: vasmon-client {verb}') and helped('help', verb) == said, (verb, said)


def test_several_pids():
    """one of several processes does not exist: no watch is left of the others"""
    puppet = Puppet()
    refused(['watch', str(puppet.pid), str(free_pid())], client.NO_PROCESS, str(free_pid()))
    netlink.none_left()


def test_full_output():
    """output that cannot be written: said, status 1"""
    puppet = Puppet()
    for verb in PID_VERBS[:3]:
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([client.CLIENT, *verb, str(puppet.pid)], stdout=full, stderr=subprocess.PIPE,
                                  check=False)
        assert done.returncode == client.ERROR and b': cannot write: No space left' in done.stderr, (verb, done)


def test_others_go_on():
    """after all of these another watch still gets its events"""
    puppet = Puppet()
    watch = client.Watch(puppet.pid)
    watch.record()
    for test in test_not_a_pid, test_no_process, test_kernel_thread_beside, test_several_beside:
        test()
    puppet.mmap(PAGE)
    assert watch.record()['syscall']['name'] == 'mmap'


def test_kernel_thread_beside():
    """a kernel thread, together with a process"""
    puppet = Puppet()
    refused(['watch', str(puppet.pid), '2'], client.ERROR, 'kernel thread')


def test_several_beside():
    """the same process twice"""
    puppet = Puppet()
    refused(['watch', str(puppet.pid), str(puppet.pid)], client.USAGE, 'twice')
