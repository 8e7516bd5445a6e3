# SPDX-License-Identifier: GPL-2.0-only
"""The figures of build/bench.json as tables for people."""


def grid(title, head, rows):
    """Columns as wide as what is in them; numbers to the right."""
    cells = [head] + [[cell if isinstance(cell, str) else '-' if cell is None else f'{cell:,.0f}'.replace(',', ' ')
                       for cell in row] for row in rows]
    width = [max(len(row[i]) for row in cells) for i in range(len(head))]
    left = [all(isinstance(row[i], str) and not row[i][:1].isdigit() for row in rows) for i in range(len(head))]
    print(f'\n{title}')
    for row in cells:
        print('  ' + '  '.join(cell.ljust(w) if l else cell.rjust(w) for cell, w, l in zip(row, width, left)).rstrip())


def around(figures, digits=3):
    """The median, and how far the others are from it."""
    median = figures['median']
    return f'{median:.{digits}f} ±{max(figures["max"] - median, median - figures["min"]):.{digits}f}'


def work(row):
    return row['kind'] + (f' at {row["regions"]}' if row.get('regions') else '')


def cost(rows, unit):
    setups = list(dict.fromkeys(row['setup'] for row in rows))
    at = {(row['setup'], row['kind'], row['regions']): row for row in rows}
    table = []
    for kind, regions in dict.fromkeys((row['kind'], row['regions']) for row in rows):
        bare = at['bare', kind, regions]
        line = [kind, regions, bare['cost']['median']]
        line += [around(at[setup, kind, regions]['ratio']) if (setup, kind, regions) in at else '' for setup in setups[1:]]
        watched = at['watched1', kind, regions]['cost']['median'] - bare['cost']['median']
        table.append(line + [watched / bare['changes'] if bare['changes'] else None])
    grid(f'Cost of a turn in the process itself, in {unit} without the module, and relative to that (median, spread)',
         ['loop', 'regions', *setups, 'an event adds'], table)


def watching(rows, unit):
    grid('Peers', ['tool', 'version'], [[row['peer'], row['version']] for row in rows if 'peer' in row])
    missing(rows)
    rows = [row for row in rows if 'kind' in row]
    bare = {(row['kind'], row['regions']): row for row in rows if row['tool'] == 'nothing'}
    table = []
    last = None
    for row in rows:
        base = bare[row['kind'], row['regions']]
        name, last = '' if work(row) == last else work(row), work(row)
        turn = row['cost']['median'] / row['turns']
        table.append([name, row['tool'], turn, f'{turn * base["turns"] / base["cost"]["median"]:.2f}',
                      row['system']['median'] / row['turns'] - base['system']['median'] / base['turns'],
                      row.get('happened'), row.get('reported'), row.get('right')])
    grid(f'Watching a program: {unit} a turn in the program, that relative to nobody watching, what the whole system does '
         'beyond that;\nand of one run: changes that happened, were reported, and rightly so',
         ['work', 'tool', 'program', 'ratio', 'system adds', 'happened', 'reported', 'rightly'], table)


def missing(rows):
    for row in rows:
        if 'missing' in row:
            print(f'  not measured: {row.get("tool") or row.get("way")}: {row["missing"]}')


def others(rows, _):
    missing(rows)
    rows = [row for row in rows if 'kind' in row]
    kinds = list(dict.fromkeys(row['kind'] for row in rows))
    at = {(row['tool'], row['kind']): around(row['ratio']) for row in rows}
    grid('Everyone else: cost of a turn in a process that is not watched, relative to when nobody is (median, spread)',
         ['another one is watched by', *kinds],
         [[tool, *(at[tool, kind] for kind in kinds)] for tool in dict.fromkeys(row['tool'] for row in rows)])


WAYS = {'received': 'vasmon dump, unparsed', 'netlink': 'vasmon dump, parsed', 'model': 'vasmon dump, parsed and kept',
        'debugfs': 'vasmon file in debugfs, read', 'maps': '/proc/PID/maps, read', 'parsed': '/proc/PID/maps, parsed',
        'query': 'PROCMAP_QUERY', 'smaps': '/proc/PID/smaps, read', 'pmap': 'pmap -x'}


def snapshot(rows, unit):
    sizes = list(dict.fromkeys(row['wanted'] for row in rows))
    ways = dict.fromkeys(row['way'] for row in rows if 'cost' in row)
    at = {(row['way'], row['wanted']): row['cost']['median'] / row['regions'] for row in rows if 'cost' in row}
    locks = {row['way']: row for row in rows if 'holds' in row}
    grid(f'One look at a whole address space: {unit} a region, by number of regions; and of 20 000 regions, how the mmap '
         'lock is held',
         ['way', *map(str, sizes), 'times', 'in sum', 'longest'],
         [[WAYS[way], *(at.get((way, size)) for size in sizes),
           *(locks.get(way, {}).get(key) for key in ('holds', 'held', 'longest'))] for way in ways])
    missing({row['way']: row for row in rows if 'missing' in row}.values())


def client(rows, unit):
    grid(f'The client: {unit} an event', ['an event', 'costs'], [[row['event'], row['cost']] for row in rows if 'event' in row])
    grid(f'The client: {unit} for a whole map', ['of regions', 'by', 'costs'],
         [[str(row['regions']), row['map'], row['cost']] for row in rows if 'map' in row])


def memory(rows, _):
    grid('Memory in bytes: as list has it, and what slabs and vmalloc grew by', ['of a', 'list', 'grown'],
         [[row['what'], row.get('listed'), row.get('grown')] for row in rows])


def latency(rows, _):
    grid('From a change to its line in JSON, in microseconds', ['system', 'CPUs', 'changes', 'p50', 'p99', 'max'],
         [[row['system'], row['cpus'], row['changes'], *(row[key] / 1000 for key in ('p50', 'p99', 'max'))] for row in rows])


def throughput(rows, _):
    grid('Most changes a second that clients follow without a miss, of so many',
         ['output', 'subscribers', 'ring', 'changes', 'a second', 'hot loop'],
         [[row['output'], row['subscribers'], row.get('ring') or 'default', row['changes'], row['rate'], row['rate_hot']]
          for row in rows])


def hot(rows, _):
    grid('A loop of mmap and munmap on one CPU, its client, which writes a file, on another; both run at once',
         ['output', 'seconds', 'changes a second', 'changes', 'missed'],
         [[row['output'], f'{row["seconds"]:.1f}', row['rate'], row['changes'], row['lost']] for row in rows])


def show(result):
    unit = result['unit']
    for kernel in dict.fromkeys(row['kernel'] for row in result['rows']):
        print(f'\nLinux {kernel}, vasmon {result["commit"]}, {result["date"]}' + (', quick' if result['quick'] else ''))
        rows = [row for row in result['rows'] if row['kernel'] == kernel]
        for part in dict.fromkeys(row['part'] for row in rows):
            globals()[part]([row for row in rows if row['part'] == part], unit)
