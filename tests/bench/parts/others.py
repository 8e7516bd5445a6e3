# SPDX-License-Identifier: GPL-2.0-only
"""What everyone else pays: loops in a process that is not watched, while an idle one is, with vasmon and with other tools.

The loops are there all the time, and each tool's runs are compared with those right before it started.
"""
from harness import build, meter, module, tools
from harness.loop import Loop

KINDS = ['mmap', 'brk', 'mprotect', 'fault', 'fork']
PART = {'fork': 20}  # of the turns of the others: it does that much more


def measure(how):
    loops = {kind: Loop(kind) for kind in KINDS}

    def figures():
        """By kind, of some runs."""
        found = {kind: [] for kind in KINDS}
        meter.at_rest()
        for _ in range(how.runs):
            for kind, loop in loops.items():
                turns = how.turns * 5 // PART.get(kind, 1)
                loop.round(turns // 10)
                found[kind].append(loop.round(turns) / turns)
        return found

    for tool in tools.TOOLS:
        if tool.kind in ('json', 'recording'):
            continue
        module.unload()
        bare = figures()
        if tools.is_vasmon(tool):
            module.load()
        if why := tools.works(tool):
            yield {'tool': tool.name, 'missing': why}
            continue
        file = build.folder() / 'report'
        watched = Loop('fault', 0, lambda command, tool=tool: tool.command(command, str(file)))
        costs = figures()
        watched.end()
        for kind in KINDS:
            yield {'tool': tool.name, 'kind': kind, 'cost': meter.spread(costs[kind]),
                   'ratio': meter.spread([cost / base for cost, base in zip(costs[kind], bare[kind])])}
    module.unload()
    for loop in loops.values():
        loop.end()
