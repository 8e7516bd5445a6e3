# SPDX-License-Identifier: GPL-2.0-only
"""vasmon.ko, and clients of it."""
import json
import os
import subprocess
import sys
import time

CLIENT = 'vasmon-client'


def loaded():
    return os.path.isdir('/sys/module/vasmon')


def load():
    if not loaded():
        subprocess.run(['insmod', os.environ['VASMON_KO']], check=True)


def unload():
    if loaded():
        subprocess.run(['rmmod', 'vasmon'], check=True)


def listed():
    done = subprocess.run([CLIENT, 'list', '--json'], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Watcher:
    """A client that follows a process: watch, or record."""

    def __init__(self, pid, *options, verb='watch', stdout=subprocess.DEVNULL):
        self.target = pid
        self.client = subprocess.Popen([CLIENT, verb, '-q', *options, str(pid)], stdout=stdout, stderr=subprocess.PIPE)
        while not self.listed():
            if self.client.poll() is not None:
                sys.exit(f'{CLIENT} {verb}: ' + self.client.stderr.read().decode())
            time.sleep(0.01)

    def listed(self):
        """Its watch and itself, as 'list' has them, or None."""
        for watch in listed():
            for subscriber in watch['subscribers']:
                if subscriber['pid'] == self.client.pid:
                    return watch, subscriber
        return None

    def caught_up(self):
        """The same, once everything was sent to it or is lost."""
        while True:
            watch, subscriber = self.listed()
            if subscriber['sent'] + subscriber['lost'] >= watch['seq']:
                return watch, subscriber
            time.sleep(0.01)

    def end(self):
        self.client.terminate()
        self.client.communicate()
