# SPDX-License-Identifier: GPL-2.0-only
"""A process that changes its address space at random: see drivers/churn.c."""
import subprocess

from harness import build
from harness.tap import defer


class Churn:
    """It waits to be told to begin."""

    def __init__(self, seed, changes, threads):
        path = build.folder() + '/churned'
        with open(path, 'wb') as file:
            file.write(b'x' * (64 << 10))
        self.process = subprocess.Popen([build.driver('churn'), str(seed), str(changes), str(threads), path],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self.process.pid
        defer(self.end)
        assert self.process.stdout.read(1) == b'.', 'churn did not start'

    def tell(self):
        """To begin, or after all is done to exit."""
        self.process.stdin.write(b'.')
        self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
