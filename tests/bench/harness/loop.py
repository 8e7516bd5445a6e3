# SPDX-License-Identifier: GPL-2.0-only
"""A process that does rounds of work on demand: see load/loop.c."""
import pathlib
import subprocess
import sys

from harness import build

# What a turn changes. Of malloc and shell only a recording tells.
CHANGES = {'mmap': 2, 'brk': 2, 'mprotect': 2, 'mremap': 2, 'stack': 3, 'fault': 0, 'fork': 0}


def allow_regions(most=200000):
    pathlib.Path('/proc/sys/vm/max_map_count').write_text(str(most), encoding='ascii')


class Loop:
    """under: makes of its command line the one to be run instead, with a tool before it."""

    def __init__(self, kind, regions=0, under=lambda command: command, stderr=None):
        command = under([build.program('loop'), kind, str(regions)])
        self.name = ' '.join(command)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True)
        self.pid = int(self._line().removeprefix('ready '))

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f'{self.name} ended with status {self.process.wait()}')
        return line

    def begin(self, turns, pace=0):
        self.process.stdin.write(f'{turns} {pace}\n')
        self.process.stdin.flush()

    def cost(self):
        """Of the round that began: CPU time of the process and its children."""
        return int(self._line())

    def round(self, turns, pace=0):
        self.begin(turns, pace)
        return self.cost()

    def end(self):
        """And the tool with it."""
        self.process.stdin.close()
        status = self.process.wait()
        self.process.stdout.close()
        return status
