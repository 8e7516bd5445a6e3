# SPDX-License-Identifier: GPL-2.0-only
"""Which functions the instructions of the whole system go to, by perf's clock: while a client follows a loop, or asks for
snapshots. Prints nanoseconds by program and function, a change or a region."""
import collections
import pathlib
import subprocess

from harness import build, meter, module
from harness.loop import CHANGES, Loop

PERIOD = 5000  # nanoseconds
TURNS, ROUNDS, REGIONS = 1500, 4, 20000
CLIENTS = {'text': ('watch', ()), 'json': ('watch', ('--json',)), 'record': ('record', ())}


def sampled(file):
    """Starts what follows under perf, which then looks at all CPUs."""
    return lambda command: ['perf', 'record', '-q', '-a', '-e', 'cpu-clock', '-c', str(PERIOD), '-o', file, *command]


def follow(output, kind, file):
    """Returns how many changes were followed."""
    verb, options = CLIENTS[output]
    loop = Loop(kind, 10, sampled(file))
    watcher = module.Watcher(loop.pid, '-o', str(build.folder() / 'out'), *options, verb=verb)
    for _ in range(ROUNDS):
        loop.round(TURNS)
        meter.at_rest()
    loop.end()
    watcher.end()
    return ROUNDS * TURNS * CHANGES[kind]


def snapshot(way, _, file):
    """Returns how many regions were read."""
    target = Loop('mmap', REGIONS)
    looks = [build.program_with_client('snapshot'), way, str(target.pid), str(ROUNDS)]
    done = subprocess.run(sampled(file)(looks), check=True, capture_output=True, text=True)
    target.end()
    return sum(int(line.split()[1]) for line in done.stdout.splitlines()) or ROUNDS * REGIONS


def show(what, kind, least=20):
    module.load()
    file = str(build.folder() / 'samples')
    count = (follow if what in CLIENTS else snapshot)(what, kind, file)
    script = subprocess.run(['perf', 'script', '-i', file, '-F', 'comm,ip,sym'], check=True, capture_output=True, text=True)
    pathlib.Path(file).unlink()
    where = collections.Counter()
    for line in script.stdout.splitlines():
        words = line.split()
        comm, symbol = ' '.join(words[:-2]), words[-1]
        if comm.startswith('kworker'):
            comm = 'kworker'
        if comm not in ('swapper', 'perf', 'python3'):
            where[comm, symbol] += PERIOD / count
    programs = collections.Counter()
    for (comm, _), cost in where.items():
        programs[comm] += cost
    for comm, cost in programs.most_common():
        if cost >= least:
            print(f'{cost:8.0f}  {comm}', flush=True)
    for (comm, symbol), cost in where.most_common():
        if cost >= least:
            print(f'{cost:8.0f}  {comm:16} {symbol}', flush=True)
