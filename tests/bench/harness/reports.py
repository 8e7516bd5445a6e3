# SPDX-License-Identifier: GPL-2.0-only
"""What the tools report of a program's changes, in one form, and what there really was.

A change is a tuple of pieces (start, end, rights) of the address space that have these rights now, or None where nothing is
mapped any more; or ('brk', to); or ('exec',). Rights are as in 'rw-'; ANY where a call says nothing of them.
"""
import bisect
import collections
import json
import re
import subprocess

ANY = '?'
PAGE = 4096


def up(size):
    return -(-size // PAGE) * PAGE


# --- What calls ask for, and got.

RIGHTS = [(1, 'r', 'READ'), (2, 'w', 'WRITE'), (4, 'x', 'EXEC')]


def rights(prot):
    """Of a number, or of PROT_READ|PROT_WRITE and the like."""
    if isinstance(prot, int):
        return ''.join(letter if prot & bit else '-' for bit, letter, _ in RIGHTS)
    return ''.join(letter if word in prot else '-' for _, letter, word in RIGHTS)


class Calls:
    """Calls with their results, in the order in which they end, to changes."""

    def __init__(self):
        self.found = []
        self.brk = None

    def add(self, name, args, result):
        if result < 0 or result >= 1 << 63:
            return
        change = getattr(self, f'_{name}', lambda *_: None)(result, *args)
        if change:
            self.found.append(change)

    @staticmethod
    def _mmap(result, _, size, prot, *__):
        return ((result, result + up(size), rights(prot)),)

    @staticmethod
    def _munmap(_, start, size, *__):
        return ((start, start + up(size), None),)

    @staticmethod
    def _mprotect(_, start, size, prot, *__):
        return ((start, start + up(size), rights(prot)),)

    @staticmethod
    def _mremap(result, start, old, new, *_):
        old, new = up(old), up(new)
        if result != start:
            return tuple(sorted([(start, start + old, None), (result, result + new, ANY)]))
        if old < new:
            return ((start + old, start + new, ANY),)
        return ((start + new, start + old, None),)

    def _brk(self, result, *_):
        # Asked for 0, or refused, it is the old one.
        moved = self.brk is not None and result != self.brk
        self.brk = result
        return ('brk', result) if moved else None


# --- What there was: of the records that the client prints as JSON.

Region = collections.namedtuple('Region', 'start end perms name offset')


def _region(record):
    start = int(record['start'], 16)
    name = record.get('name') or ''
    # What is mapped there is the same if it is as far from the file's beginning.
    return Region(start, int(record['end'], 16), record['perms'], name, int(record.get('offset', '0'), 16) - start if name else 0)


def _differs(old, new):
    """The pieces in which two lists of regions, by ascending address, differ."""
    def finder(regions):
        starts = [region.start for region in regions]

        def at(address):
            i = bisect.bisect_right(starts, address) - 1
            return regions[i][2:] if i >= 0 and address < regions[i].end else None
        return at

    before, after = finder(old), finder(new)
    borders = sorted({address for region in old + new for address in region[:2]})
    pieces = []
    for start, end in zip(borders, borders[1:]):
        now = after(start)
        if now == before(start):
            continue
        now = now[0][:3] if now else None
        if pieces and pieces[-1][1:] == (start, now):
            start = pieces.pop()[0]
        pieces.append((start, end, now))
    return tuple(pieces)


class Truth:
    """Takes the records of a client. changes: for each change, what may be said of it."""

    def __init__(self):
        self.changes = []
        self._old, self._new = [], []

    def add(self, record):
        if record['type'] != 'event' or record['cause'] == 'fork':
            return
        self._old += map(_region, record.get('old', []))
        self._new += map(_region, record.get('new', []))
        if record.get('more'):
            return
        old, new, self._old, self._new = self._old, self._new, [], []
        if record['cause'] == 'exec':
            self.changes.append([('exec',)])
            return
        old.sort()
        new.sort()
        pieces = _differs(old, new)
        said = []
        if 'brk' in record:
            said.append(('brk', int(record['brk']['to'], 16)))
        if pieces:
            said.append(pieces)
            said.append(tuple((start, end, now and ANY) for start, end, now in pieces))
        # Who tells of the region that a piece is in now is right as well.
        whole = [region for region in new
                 if any(start >= region.start and end <= region.end for start, end, now in pieces if now)]
        if whole:
            said.append(tuple((region.start, region.end, region.perms[:3]) for region in whole))
        # Nothing but borders or flags.
        self.changes.append(said or [('window', record.get('window', {}).get('start'))])


def truth(recording, pid):
    """The changes of a process and its children, from its own program on, of a recording of the tool that started it."""
    found = {}
    tool = None
    for record in printed(recording):
        who = record['pid']
        tool = tool or who
        if record['type'] == 'event' and who not in found and who != tool:
            # A child of vfork turns up when it starts its program.
            if record['cause'] == 'exec' and (found or who == pid) or record['cause'] == 'fork' and record['tgid'] in found:
                found[who] = Truth()
        if who in found:
            found[who].add(record)
    return [change for one in found.values() for change in one.changes]


def printed(recording):
    """The records of a recording; an ordinary run of the client prints the same."""
    with subprocess.Popen(['vasmon-client', 'replay', '-q', '--json', recording], stdout=subprocess.PIPE) as replay:
        yield from map(json.loads, replay.stdout)


# --- What each tool prints.

def of_json(lines):
    """All that it says of a change: as many ways to put it as there are."""
    processes = collections.defaultdict(Truth)
    for line in lines:
        record = json.loads(line)
        processes[record['pid']].add(record)
    return [change[0] for one in processes.values() for change in one.changes]


STRACE = re.compile(r'(\d+) +(?:<\.\.\. )?(\w+)(?:\((.*)| resumed>(.*))')


def of_strace(lines):
    calls = collections.defaultdict(Calls)
    begun = {}
    for line in lines:
        found = STRACE.match(line)
        if not found:
            continue
        tid, name, args, resumed = found.groups()
        if resumed is not None:
            args = begun.pop(tid, '') + resumed
        elif args.endswith('<unfinished ...>'):
            begun[tid] = args.removesuffix('<unfinished ...>')
            continue
        args, _, result = args.rpartition(' = ')
        words = [word.strip() for word in args.rstrip(' ').removesuffix(')').split(',')]
        calls['all' if name != 'brk' else tid].add(name, [_number(word) for word in words], _number(result.split()[0]))
    return [change for one in calls.values() for change in one.found]


def _number(word):
    try:
        return int(word, 0)
    except ValueError:
        return 0 if word == 'NULL' else word


PERF_TRACE = re.compile(r'.*?\(.*?\): .*?/(\d+) +(\.\.\. \[continued\]: )?(\w+)\((.*?)\)+ +(?:= (\S+)|\.\.\.)')


def of_perf_trace(lines):
    # Arguments that are zero are left out, and the others have names.
    names = {'mmap': ['addr', 'len', 'prot', 'flags'], 'munmap': ['addr', 'len'], 'brk': ['brk'],
             'mprotect': ['start', 'len', 'prot'], 'mremap': ['addr', 'old_len', 'new_len', 'flags', 'new_addr']}
    calls = collections.defaultdict(Calls)
    begun = {}
    for line in lines:
        found = PERF_TRACE.match(line)
        if not found or found[3] not in names:
            continue
        tid, continued, name, args, result = found.groups()
        if result is None:
            begun[tid] = args
            continue
        if continued:
            args = begun.pop(tid, '')
        args = dict(re.findall(r'(\w+): ([^,]*)', args))
        result = _number(result)
        if isinstance(result, int):
            calls['all' if name != 'brk' else tid].add(name, [_number(args.get(arg, '0')) for arg in names[name]], result)
    return [change for one in calls.values() for change in one.found]


def of_bpftrace(lines):
    calls = collections.defaultdict(Calls)
    begun = {}
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[1] == '=' and words[0] in begun:
            name, *args = begun.pop(words[0])
            calls['all' if name != 'brk' else words[0]].add(name, [int(arg, 16) for arg in args], int(words[2], 16))
        elif len(words) > 2:
            begun[words[0]] = words[1:]
    return [change for one in calls.values() for change in one.found]


MMAP2 = re.compile(r'.*PERF_RECORD_MMAP2? -?\d+/\d+: \[(0x[0-9a-f]+)\((0x[0-9a-f]+)\) .*?\]: (...)')


def of_perf_record(lines):
    changes = []
    for line in lines:
        if found := MMAP2.match(line):
            start, size = int(found[1], 16), int(found[2], 16)
            changes.append(((start, start + size, found[3]),))
        elif 'PERF_RECORD_COMM exec' in line:
            changes.append(('exec',))
    return changes


MAPS = re.compile(r'([0-9a-f]+)-([0-9a-f]+) (....) ([0-9a-f]+) \S+ \d+ *(.*)')


def of_poll(lines):
    changes = []
    before, now = None, set()

    def compare():
        if before is not None:
            changes.extend((piece,) for piece in _differs(sorted(before - now), sorted(now - before)))

    for line in lines:
        if line == '-\n':
            compare()
            before, now = now or None, set()
        elif found := MAPS.match(line):
            now.add(_region(dict(zip(('start', 'end', 'perms', 'offset', 'name'), found.groups()))))
    compare()
    return changes


def of_text(lines):
    """Not taken apart: it says what JSON says."""
    return [(line,) for line in lines]


def of(kind, path):
    """What a tool reports, from its file."""
    if kind == 'recording':
        return of_json(map(json.dumps, printed(path)))
    if kind == 'perf_record':
        with subprocess.Popen(['perf', 'script', '-i', path, '--show-mmap-events', '--show-task-events'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors='replace') as script:
            return of_perf_record(script.stdout)
    with open(path, encoding='utf-8', errors='replace') as file:
        return READERS[kind](file)


READERS = {'json': of_json, 'text': of_text, 'strace': of_strace, 'perf_trace': of_perf_trace, 'bpftrace': of_bpftrace,
           'poll': of_poll}


def right(changes, reports):
    """How many of the changes are reported as they were."""
    left = collections.Counter(reports)
    count = 0
    for said in changes:
        for one in said:
            if left[one]:
                left[one] -= 1
                count += 1
                break
    return count
