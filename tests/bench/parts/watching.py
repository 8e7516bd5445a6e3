# SPDX-License-Identifier: GPL-2.0-only
"""What it costs to watch a program that changes its memory, with vasmon and with other tools; and what they tell.

Costs: some runs of the same work in one process; in the process itself, and in the whole system until the tool has done
its part. Truth: the program once more from beginning to end, less of it, while vasmon records it and makes it wait rather
than miss a change; each change that the tool reports as it was counts as right.
"""
import os

from harness import build, meter, module, reports, tools
from harness.loop import Loop

# perf reads its buffer only when half of it is full, which takes far more changes than others need to be measured.
LONGER = {'perf_record': 10}
# Kind, regions, turns of a run, and of the comparison with the truth (0: none).
WORK = [('mmap', 0, 1000, 500), ('brk', 0, 1000, 500), ('mprotect', 0, 1000, 500), ('mremap', 0, 1000, 500),
        ('stack', 0, 1000, 500), ('fault', 0, 1000, 0), ('mmap', 10000, 1000, 0), ('malloc', 0, 500, 500),
        ('shell', 0, 200, 20)]


def costs(how, tool, kind, regions, turns):
    file = str(build.folder() / 'report')
    if tool and kind != 'shell':
        turns *= LONGER.get(tool.kind, 1)
    loop = Loop(kind, regions, (lambda command: tool.command(command, file)) if tool else lambda command: command)
    loop.round(max(turns // 10, 1))
    target, system = [], []
    before = meter.at_rest()
    for _ in range(how.runs if kind != 'shell' else 2):
        target.append(loop.round(turns))
        after = meter.system() if tool and tool.polls else meter.at_rest()
        system.append(after - before)
        before = after
    loop.end()
    if os.path.exists(file):
        os.unlink(file)
    return {'turns': turns, 'cost': meter.spread(target), 'system': meter.spread(system)}


def told(tool, kind, regions, turns):
    """How many changes there were, and how many are reported, and reported as they were."""
    file, recording = str(build.folder() / 'report'), str(build.folder() / 'truth')
    loop = Loop(kind, regions, lambda command: ['vasmon-client', 'record', '-q', '-f', '--lossless', '-o', recording, '--',
                                                *tool.command(command, file)])
    loop.round(turns)
    loop.end()
    changes = reports.truth(recording, loop.pid)
    said = reports.of(tool.kind, file)
    os.unlink(file)
    os.unlink(recording)
    return {'happened': len(changes), 'reported': len(said),
            'right': None if tool.kind == 'text' else reports.right(changes, said)}


def measure(how):
    for name, version in tools.versions().items():
        yield {'peer': name, 'version': version}
    usable = [None]
    for tool in tools.TOOLS:
        if tools.is_vasmon(tool):
            module.load()
        why = tools.works(tool)
        module.unload()
        if why:
            yield {'tool': tool.name, 'missing': why}
        else:
            usable.append(tool)
    for kind, regions, turns, compared in WORK:
        if how.quick:
            turns, compared = turns // 4, compared // 5
        for tool in usable:
            if tool and tools.is_vasmon(tool):
                module.load()
            row = {'tool': tool.name if tool else 'nothing', 'kind': kind, 'regions': regions}
            row |= costs(how, tool, kind, regions, turns)
            if tool and compared:
                module.load()
                row |= told(tool, kind, regions, compared)
            module.unload()
            yield row
