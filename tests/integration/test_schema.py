# SPDX-License-Identifier: GPL-2.0-only
"""Whatever the client prints as JSON is what client/vasmon.schema.json says, and nothing else."""
import json
import os
import signal

import jsonschema

from harness import build, client, netlink
from harness.churn import Churn
from harness.netlink import SMALLEST_RING
from harness.overrun import drain, flood, overrun
from harness.puppet import PAGE, PROT_READ, Puppet, go_on, stop
from harness.tap import long, note

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../client/vasmon.schema.json')


def strict(schema):
    """What a reader is to ignore, a test is not."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(value) for key, value in schema.items()}
    if found.get('type') == 'object' and 'properties' in found:
        found['additionalProperties'] = False
    return found


def validator():
    with open(PATH, encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    types = {branch['if']['properties']['type']['const'] for branch in schema['allOf']}
    return jsonschema.Draft202012Validator(strict(schema)), types


VALIDATOR, TYPES = validator()


def valid(records, *types):
    """Each is what the schema says, and these types are among them."""
    for record in records:
        assert record['type'] in TYPES, record
        for error in VALIDATOR.iter_errors(record):
            raise AssertionError(f'{error.json_path}: {error.message[:300]}')
    assert {record['type'] for record in records} >= set(types), {record['type'] for record in records}
    return records


def printed(*args):
    result = client.run(*args)
    assert result.status == client.DONE, result
    return client.records(result.out)


def test_refuses():
    """the schema is not empty: what is wrong is refused"""
    good = printed('maps', '--json', os.getpid())[0]
    valid([good], 'map')
    for change in {'v': 2}, {'pid': '1'}, {'ts': 1.5}, {'brk': 4096}, {'surprise': 1}, {'regions': [{}]}:
        assert list(VALIDATOR.iter_errors({**good, **change})), change
    for field in 'pid', 'ts', 'comm', 'brk', 'map_count':
        assert list(VALIDATOR.iter_errors({key: value for key, value in good.items() if key != field})), field


def test_maps():
    """maps, with all of its options"""
    puppet = Puppet(path=os.fsdecode(odd_program()))
    for options in [], ['-x'], ['--gaps'], ['--summary'], ['--summary', '-x'], [f'{puppet.threads[0].sp:x}']:
        head = [option for option in options if option.startswith('-')]
        valid(printed('maps', '--json', *head, puppet.pid, *options[len(head):]), 'map')


def odd_program():
    """A program whose name is no UTF-8."""
    path = os.fsencode(build.folder()) + b'/\xffodd\n"\\'
    if not os.path.exists(path):
        with open(build.driver('puppet'), 'rb') as source, open(path, 'wb') as copy:
            copy.write(source.read())
        os.chmod(path, 0o755)
    return path


@long
def test_events():
    """events of every kind, from random changes and from a command"""
    churn = Churn(20240603, 400, 2)
    watch = client.Watch('-f', churn.pid)
    records = [watch.record()]
    listed = client.listed()
    churn.tell()
    assert churn.process.stdout.read(1) == b'.'
    os.kill(churn.pid, signal.SIGKILL)
    records += watch.rest()
    valid(records, 'map', 'event', 'exit')
    valid(listed, 'watch')
    kinds = {effect['kind'] for record in records for effect in record.get('effects', ())}
    note(f'{len(records)} records: {sorted(kinds)}')
    assert {'map', 'unmap', 'protect', 'brk'} <= kinds, kinds
    puppet = Puppet()
    moves = client.Watch('-q', puppet.pid).ready(puppet.pid)
    target, source = puppet.mmap(4 * PAGE, PROT_READ), puppet.mmap(4 * PAGE)
    puppet.call('munmap', target, 4 * PAGE)
    puppet.call('mremap', source, 4 * PAGE, 4 * PAGE, 3, target)
    puppet.end()
    records = valid(moves.rest(), 'event', 'exit')
    assert 'move' in {effect['kind'] for record in records for effect in record.get('effects', ())}, records
    path = os.path.join(build.folder(), 'schema.json')
    assert client.run('run', '-f', '--json', '-o', path, '--', 'sh', '-c', '(:); exit 3').status == 3
    with open(path, 'rb') as file:
        records = valid(client.records(file.read()), 'map', 'event', 'exit')
    assert {record['cause'] for record in records if record['type'] == 'event'} >= {'syscall', 'exec', 'fork'}


def test_lost():
    """records of what was lost"""
    puppet = Puppet()
    with netlink.Netlink() as first:
        number = first.watch(puppet.pid, SMALLEST_RING)
        watch = client.Watch(puppet.pid)
        records = [watch.record()]
        # One that is told: all that follow may be lost.
        puppet.mmap(PAGE)
        records.append(watch.record())
        watch.small_socket()
        stop(watch.pid)
        while not overrun(number, watch.pid):
            flood(puppet)
            drain(first)
        client.run('mark', puppet.pid, b'\xff\x1b odd')
        go_on(watch.pid)
        puppet.end()
        records += watch.rest()
    valid(records, 'map', 'lost', 'event', 'exit')


def test_others():
    """stat, intervals, diff"""
    path = os.path.join(build.folder(), 'schema.vm')
    assert client.run('record', '-q', '-o', path, '--', 'sh', '-c', 'ls / >/dev/null').status == 0
    valid(printed('stat', '--json', '--leaks', '--interval', '0.001', '-i', path), 'stat', 'interval')
    netlink.none_left()
    valid(printed('diff', '--json', os.getpid(), '1'), 'diff')
    valid(printed('replay', '--json', path), 'map', 'event', 'exit')
