# SPDX-License-Identifier: GPL-2.0-only
"""What people watch a process's memory with, each started as its users start it: with the program as its command."""
import collections
import functools
import re
import shlex
import shutil
import subprocess

from harness import build

CALLS = ['mmap', 'munmap', 'mremap', 'mprotect', 'brk']

# name; kind: how its report is read, see reports.py; command(program, file): the tool's command line; polls: it costs as
# much when nothing happens.
Tool = collections.namedtuple('Tool', 'name kind command polls needs')

SCRIPT = '''
tracepoint:sched:sched_process_fork /@pid[args.parent_pid]/ { @pid[args.child_pid] = 1; }
tracepoint:sched:sched_process_exit { delete(@pid[tid]); }
''' + ''.join(f'''
tracepoint:syscalls:sys_enter_{call} /@pid[tid]/ {{ printf("%d {call} {' '.join(['%lx'] * len(args))}\\n", tid, {
    ', '.join('args.' + arg for arg in args)}); }}
tracepoint:syscalls:sys_exit_{call} /@pid[tid]/ {{ printf("%d = %lx\\n", tid, args.ret); }}
''' for call, args in {'mmap': ['addr', 'len', 'prot', 'flags'], 'munmap': ['addr', 'len'],
                       'mremap': ['addr', 'old_len', 'new_len', 'flags', 'new_addr'],
                       'mprotect': ['start', 'len', 'prot'], 'brk': ['brk']}.items())


def script():
    path = build.folder() / 'calls.bt'
    path.write_text('BEGIN { @pid[cpid] = 1; }\n' + SCRIPT, encoding='ascii')
    return str(path)


def strace(*options):
    return lambda program, file: ['strace', '-f', *options, '-e', 'trace=%memory', '-o', file, *program]


def perf_trace(program, file):
    return ['perf', 'trace', '-e', ','.join(CALLS), '-o', file, *program]


def perf_record(*options):
    return lambda program, file: ['perf', 'record', '-q', '-B', '-d', *options, '-o', file, *program]


def bpftrace(program, file):
    return ['bpftrace', '-q', '-o', file, '-c', shlex.join(program), script()]


def poll(rate):
    return lambda program, file: [build.program('poll'), str(rate), file, *program]


def vasmon(*options):
    return lambda program, file: ['vasmon-client', *options, '-f', '-o', file, '--', *program]


TOOLS = [Tool(*tool) for tool in [
    ('vasmon, text', 'text', vasmon('run', '-q'), False, 'vasmon-client'),
    ('vasmon, JSON', 'json', vasmon('run', '-q', '--json'), False, 'vasmon-client'),
    ('vasmon, record', 'recording', vasmon('record', '-q'), False, 'vasmon-client'),
    ('strace -f -e %memory', 'strace', strace(), False, 'strace'),
    ('strace --seccomp-bpf', 'strace', strace('--seccomp-bpf'), False, 'strace'),
    ('perf trace', 'perf_trace', perf_trace, False, 'perf'),
    ('perf record -d', 'perf_record', perf_record(), False, 'perf'),
    ('perf record -d -e dummy', 'perf_record', perf_record('-e', 'dummy'), False, 'perf'),
    ('bpftrace', 'bpftrace', bpftrace, False, 'bpftrace'),
    ('polling maps at 10 Hz', 'poll', poll(10), True, None),
    ('polling maps at 100 Hz', 'poll', poll(100), True, None),
]]


def is_vasmon(tool):
    return tool.name.startswith('vasmon')


@functools.cache
def works(tool):
    """None, or why it can not be had here."""
    if tool.needs and not shutil.which(tool.needs):
        return f'there is no {tool.needs}'
    done = subprocess.run(tool.command(['true'], str(build.folder() / 'tried')), capture_output=True, text=True, check=False)
    return None if not done.returncode else f'{tool.name}: status {done.returncode}: {done.stderr.strip()[-300:]}'


def versions():
    """What each says that it is."""
    found = {}
    for name, command in {'strace': 'strace -V', 'perf': 'perf --version', 'bpftrace': 'bpftrace --version', 'pmap': 'pmap -V',
                          'vasmon-client': 'vasmon-client version'}.items():
        try:
            done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
            found[name] = re.split(r'\n', done.stdout.strip())[0]
        except FileNotFoundError:
            found[name] = 'not there'
    return found
