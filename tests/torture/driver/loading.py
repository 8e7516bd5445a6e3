# SPDX-License-Identifier: GPL-2.0-only
"""The module is unloaded and loaded while everything is in full swing."""
import os
import random
import re
import signal
import subprocess

from driver import client, oracle
from driver.target import NEVER, Target
from driver.wait import TIMEOUT, until
from harness.client import ERROR

# What the clients of one round do; the last one is held up while the target waits for it.
CLIENTS = (['watch', '-q', '--json'], ['watch'], ['watch', '-q', '-f'])
# On PREEMPT_RT nobody waits, and who asks for it is refused.
if 'PREEMPT_RT' not in os.uname().version:
    CLIENTS += (['watch', '-q', '--lossless', '--ring-size', '65536'],)


def unload(held=()):
    """
    A module in use cannot be unloaded: a dump that is under way holds it for a moment. A client that was held up in
    the midst of one has to go on until it is held up elsewhere.
    """
    def gone():
        for one in held:
            one.signal(signal.SIGSTOP)
        done = subprocess.run(['rmmod', 'vasmon'], capture_output=True, text=True, check=False)
        # rmmod looks whether it is in use, and so does the kernel, a moment later.
        assert not done.returncode or re.search('in use|temporarily unavailable', done.stderr), done.stderr
        if done.returncode:
            for one in held:
                one.signal(signal.SIGCONT)
        return not done.returncode
    until(gone, 'the module goes')
    assert not os.path.exists('/sys/module/vasmon') and not os.path.exists('/sys/kernel/debug/vasmon')


def moves(target):
    """It is not held up."""
    before = target.ops()
    until(lambda: target.ops() > before + 20 or target.check(), 'the target goes on')


def run(seed, rounds):
    """Returns what was done, in words."""
    dice = random.Random(seed)
    targets = [Target(seed, 4, NEVER), Target(seed + 1, 1, NEVER)]
    clients, held_up = [], 0
    try:
        for target in targets:
            target.go_on()
        unload()
        for _ in range(rounds):
            subprocess.run(['insmod', os.environ['VASMON_KO']], check=True)
            clients = [client.Client(args, target.pid) for target in targets for args in CLIENTS]
            clients += [client.Recorder(target.pid) for target in targets]
            held = []
            # Now and then before they have as much as subscribed.
            if dice.randrange(4):
                client.wait_subscribed(clients)
                held = [one for one in clients if '--lossless' in one.process.args]
            held_up += len(held)
            unload(held)
            for target in targets:
                moves(target)
            for one in clients:
                one.signal(signal.SIGCONT)
                status = one.process.wait(TIMEOUT)
                assert status == ERROR, f'{one.process.args} ended with {status}: {one.said()}'
                one.end()
        subprocess.run(['insmod', os.environ['VASMON_KO']], check=True)
        for target in targets:
            moves(target)
    finally:
        for one in clients:
            one.end()
        for target in targets:
            target.end()
        if not os.path.exists('/sys/module/vasmon'):
            subprocess.run(['insmod', os.environ['VASMON_KO']], check=True)
    # It works as before.
    after = oracle.run(seed, 2, 2000, 0, 200)
    return f'{rounds} times, {rounds * len(clients)} clients, {held_up} of them held up; then {after.changes} changes'
