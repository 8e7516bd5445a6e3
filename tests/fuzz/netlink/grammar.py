# SPDX-License-Identifier: GPL-2.0-only
"""include/spec/vasmon.yaml as the tables that grammar.h declares, and what it says of refusals."""
import pathlib
import re

import yaml

SPEC = pathlib.Path(__file__).resolve().parents[3] / 'include/spec/vasmon.yaml'
KINDS = 'pad', 'flag', 'u32', 's32', 'u64', 'string', 'binary', 'nest'


class Grammar:
    def __init__(self):
        self.spec = yaml.safe_load(SPEC.read_text(encoding='utf-8'))
        self.constants = {d['name']: d['value'] for d in self.spec['definitions'] if d['type'] == 'const'}
        self.sets = [s['name'] for s in self.spec['attribute-sets']]
        self.commands = self.spec['operations']['list']

    def requests(self):
        """Names of the commands that are requests."""
        return [op['name'] for op in self.commands if 'event' not in op]

    def refusals(self):
        """The errors that the spec names, by command."""
        found = {}
        for op in self.commands:
            doc = op['doc']
            found[op['name']] = set(re.findall(r'\b(E[A-Z]{3,})\b', doc))
            like = re.search(r'Errors as for\s+([a-z-]+)', doc)
            if like:
                found[op['name']] |= found[like[1]]
        return found

    def _limit(self, attr, which, default):
        value = attr.get('checks', {}).get(which, default)
        return self.constants.get(value, value)

    def _attr(self, where, number, attr):
        role = 'PLAIN'
        if attr['name'] == 'pid':
            role = 'PID'
        elif attr['name'] == 'watch-id' or (where, attr['name']) == ('watch', 'id'):
            role = 'WATCH'
        elif attr['name'] == 'ring-size':
            role = 'RING'
        low = self._limit(attr, 'min', 0)
        high = self._limit(attr, 'max-len' if attr['type'] == 'string' else 'max', 0xffffffff)
        nested = self.sets.index(attr['nested-attributes']) if 'nested-attributes' in attr else 0
        kind = attr['type'].upper()
        return f'\t{{ {number}, GRAMMAR_{kind}, GRAMMAR_{role}, {low}u, {high}u, {nested} }},'

    def render(self):
        out = ['/* Rendered by grammar.py from include/spec/vasmon.yaml. */', '#include "grammar.h"', '']
        out += [f'const char grammar_family[] = "{self.spec["name"]}";',
                f'const uint8_t grammar_version = {self.spec.get("version", 1)};', '']
        by_name = {}
        for number, one in enumerate(self.spec['attribute-sets']):
            by_name[one['name']] = [a['name'] for a in one['attributes']]
            out += [f'static const struct grammar_attr set_{number}[] = {{']
            out += [self._attr(one['name'], i, a) for i, a in enumerate(one['attributes'], 1)]
            out += ['};', '']
        out += ['const struct grammar_set grammar_sets[] = {']
        out += [f'\t{{ set_{i}, {len(s["attributes"])} }},' for i, s in enumerate(self.spec['attribute-sets'])]
        out += ['};', f'const unsigned int grammar_n_sets = {len(self.sets)};', '']
        rows = []
        for number, op in enumerate(self.commands, 1):
            mode = next(mode for mode in ('do', 'dump', 'event') if mode in op)
            takes = op[mode].get('request', {}).get('attributes', [])
            where = self.sets.index(op['attribute-set'])
            pointers = ', '.join(f'&set_{where}[{by_name[op["attribute-set"]].index(name)}]' for name in takes)
            out += [f'static const struct grammar_attr *const takes_{number}[] = {{ {pointers or "NULL"} }};']
            rows += [f'\t{{ "{op["name"]}", {number}, {int(mode == "dump")}, {int(mode == "event")}, {where}, '
                     f'takes_{number}, {len(takes)} }},']
        out += ['', 'const struct grammar_command grammar_commands[] = {', *rows, '};',
                f'const unsigned int grammar_n_commands = {len(rows)};', '']
        return '\n'.join(out)
