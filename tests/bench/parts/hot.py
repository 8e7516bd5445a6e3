# SPDX-License-Identifier: GPL-2.0-only
"""Does a client follow a loop that does nothing but map and unmap, on another CPU, for a minute?

Two CPUs have to run at once for that, as they do where this machine emulates each with one of its own that does nothing else.
The clock is then the machine's: a figure is not repeated to a percent, and what is missed tells of this machine as well.
"""
import os

from harness import build, module
from parts.throughput import OUTPUTS, Followed

SECONDS = 60


def measure(how):
    module.load()
    for output in OUTPUTS:
        file = build.folder() / 'followed'
        followed = Followed(output, 1, file=str(file))
        warm = 2 * how.long
        # The first one is slower.
        followed.round(warm)
        turns = int(warm / followed.round(warm) * (SECONDS / 10 if how.quick else SECONDS))
        before = followed.lost()
        took = followed.round(turns)
        yield {'output': output, 'seconds': took, 'changes': 2 * turns, 'rate': 2 * turns / took,
               'lost': followed.lost() - before, 'cpus': os.cpu_count()}
        followed.end()
        file.unlink()
