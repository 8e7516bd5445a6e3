# SPDX-License-Identifier: GPL-2.0-only
"""The netlink family, spoken byte by byte, so that anything can be said wrong.

Numbers are those of include/uapi/linux/vasmon.h: MM_PID is VASMON_A_MM_PID, WATCH is VASMON_CMD_WATCH, and so on.
"""
import errno
import os
import re
import select
import socket
import struct
import time

from harness import kernel
from harness.wait import TIMEOUT, until


def _header():
    """Of the header: its enumerations by their names, each its names and numbers; and the numbers that it defines."""
    tree = os.path.abspath(__file__)
    for _ in range(3):
        tree = os.path.dirname(tree)
    with open(f'{tree}/include/uapi/linux/vasmon.h', encoding='ascii') as file:
        text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
    found = {}
    for name, body in re.findall(r'enum vasmon_(\w+) {(.*?)}', text, flags=re.S):
        number, entries = -1, {}
        for entry in body.split(','):
            match = re.fullmatch(r'\s*(?:VASMON_(?:A_|CMD_)?)(\w+)\s*(?:=\s*(\d+))?\s*', entry)
            if match:
                number = int(match[2]) if match[2] else number + 1
                entries[match[1]] = number
        found[name] = entries
    return found, {name: int(value) for name, value in re.findall(r'#define VASMON_(\w+)\s+(\d+)\n', text)}


HEADER, CONSTANTS = _header()
_CMD, _MM, _WATCH, _EVENT = (HEADER[name] for name in ('cmd', 'a_mm', 'a_watch', 'a_event'))
_SUBSCRIBER, _CAUSE = HEADER['a_subscriber'], HEADER['cause']

MM_GET, REGION_GET, WATCH, UNWATCH, WATCH_GET, EVENT, MARK, PROCESS_GET, THREAD_GET = (_CMD[name] for name in (
    'MM_GET', 'REGION_GET', 'WATCH', 'UNWATCH', 'WATCH_GET', 'EVENT', 'MARK', 'PROCESS_GET', 'THREAD_GET'))
MM_PID, MM_WATCH_ID, MM_SEQ, MM_REGION = (_MM[f'MM_{name}'] for name in ('PID', 'WATCH_ID', 'SEQ', 'REGION'))
(WATCH_ID, WATCH_PID, WATCH_RING_SIZE, WATCH_FOLLOW, WATCH_LOSSLESS, WATCH_SEQ, WATCH_SUBSCRIBER,
 WATCH_CALLCHAIN, WATCH_STACK_SIZE, WATCH_CALLCHAIN_CAUSES, WATCH_CALLCHAIN_TID) = (
     _WATCH[f'WATCH_{name}'] for name in (
         'ID', 'PID', 'RING_SIZE', 'FOLLOW', 'LOSSLESS', 'SEQ', 'SUBSCRIBER', 'CALLCHAIN', 'STACK_SIZE',
         'CALLCHAIN_CAUSES', 'CALLCHAIN_TID'))
SUBSCRIBER_PORTID, SUBSCRIBER_PID, SUBSCRIBER_SENT, SUBSCRIBER_LOST, SUBSCRIBER_OVERRUNS, SUBSCRIBER_WAITS = (
    _SUBSCRIBER[f'SUBSCRIBER_{name}'] for name in ('PORTID', 'PID', 'SENT', 'LOST', 'OVERRUNS', 'WAITS'))
(EVENT_WATCH_ID, EVENT_SEQ, EVENT_PID, EVENT_CAUSE, EVENT_TID, EVENT_LOST, EVENT_CALLCHAIN, EVENT_STACK,
 EVENT_TEXT, EVENT_REGISTERS, EVENT_FLAGS, EVENT_EXIT_CODE, EVENT_SYSCALL) = (_EVENT[f'EVENT_{name}'] for name in (
     'WATCH_ID', 'SEQ', 'PID', 'CAUSE', 'TID', 'LOST', 'CALLCHAIN', 'STACK', 'TEXT', 'REGISTERS', 'FLAGS', 'EXIT_CODE',
     'SYSCALL'))
EVENT_FLAG_INCOMPLETE, EVENT_FLAG_MORE, EVENT_FLAG_END = (
    HEADER['event_flag'][f'EVENT_FLAG_{name}'] for name in ('INCOMPLETE', 'MORE', 'END'))
PROCESS_WATCH_ID, PROCESS_PID, PROCESS_REGIONS = (HEADER['a_process'][f'PROCESS_{name}'] for name in (
    'WATCH_ID', 'PID', 'REGIONS'))
THREAD_PID, THREAD_TID, THREAD_COMM, THREAD_STACK_POINTER, THREAD_TLS = (
    HEADER['a_thread'][f'THREAD_{name}'] for name in ('PID', 'TID', 'COMM', 'STACK_POINTER', 'TLS'))
CAUSE_SYSCALL, CAUSE_EXEC, CAUSE_EXIT, CAUSE_RESYNC, CAUSE_OVERRUN, CAUSE_FORK, CAUSE_MARK = (
    _CAUSE[f'CAUSE_{name}'] for name in ('SYSCALL', 'EXEC', 'EXIT', 'RESYNC', 'OVERRUN', 'FORK', 'MARK'))
CHAIN_CAUSE = {name.removeprefix('CHAIN_CAUSE_'): bit for name, bit in HEADER['chain_cause'].items()}
SMALLEST_RING, CALLCHAIN_MAX, STACK_MAX = (CONSTANTS[name] for name in ('RING_SIZE_MIN', 'CALLCHAIN_MAX', 'STACK_MAX'))

F_REQUEST, F_ACK, F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL = 16
NLA_NESTED = 0x8000
_SOL_NETLINK, _CAP_ACK, _EXT_ACK = 270, 10, 11
_CAPPED, _TLVS = 0x100, 0x200


# Before Linux 6.7 what the start of a dump says of an error does not get through: only the errno does.
DUMPS_EXPLAIN = tuple(map(int, re.match(r'(\d+)\.(\d+)', os.uname().release).groups())) >= (6, 7)


def attr(kind, data):
    return struct.pack('=HH', 4 + len(data), kind) + data + b'\0' * (-len(data) % 4)


def u32(kind, value):
    return attr(kind, struct.pack('=I', value))


def parse(data):
    """Attributes as (type, bytes) pairs."""
    found = []
    while len(data) >= 4:
        length, kind = struct.unpack_from('=HH', data)
        if length < 4 or length > len(data):
            raise ValueError('attributes are cut off')
        found.append((kind & 0x3fff, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


def number(attrs, kind):
    """The first attribute of a kind as a number, or None."""
    for other, data in attrs:
        if other == kind:
            return int.from_bytes(data, 'little')
    return None


class Refused(Exception):
    """An error as an answer: errno, what the extended acknowledgement says, and which attribute it means."""

    def __init__(self, code, words, offset=None):
        super().__init__(f'{errno.errorcode.get(code, code)}: {words}')
        self.code, self.words, self.offset = code, words, offset


class Netlink:
    """sock: a socket that somebody else opened."""

    def __init__(self, sock=None, receive_buffer=None, family=True):
        self.sock = sock or socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 16)
        if not sock:
            self.sock.bind((0, 0))
        self.sock.setsockopt(_SOL_NETLINK, _EXT_ACK, 1)
        self.sock.setsockopt(_SOL_NETLINK, _CAP_ACK, 1)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.seq = 0
        self.family = self._resolve() if family else None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.sock.close()

    def _resolve(self):
        answer = self.ask(3, attr(2, b'vasmon\0'), family=GENL_ID_CTRL)
        return number(answer[0], 1)

    def send(self, cmd, attrs=b'', flags=0, family=None, length=None, cut=None):
        """length: what the header claims; cut: how many bytes are sent indeed."""
        self.seq += 1
        body = struct.pack('=BBH', cmd, 1, 0) + attrs
        head = struct.pack('=IHHII', 16 + len(body) if length is None else length,
                           self.family if family is None else family, F_REQUEST | flags, self.seq, 0)
        self.sock.send((head + body)[:cut])

    def receive(self, timeout=TIMEOUT):
        """The messages of one datagram, as (type, flags, seq, body)."""
        if not select.select([self.sock], [], [], timeout)[0]:
            raise TimeoutError('no answer')
        data = self.sock.recv(1 << 18)
        found = []
        while len(data) >= 16:
            length, kind, flags, seq, _ = struct.unpack_from('=IHHII', data)
            found.append((kind, flags, seq, data[16:length]))
            data = data[(length + 3) & ~3:]
        return found

    def ask(self, cmd, attrs=b'', flags=0, **options):
        """Returns the attributes of each message of the answer; raises Refused."""
        dump = flags & F_DUMP
        self.send(cmd, attrs, flags if dump else flags | F_ACK, **options)
        answer = []
        end = time.monotonic() + 2 * TIMEOUT
        while True:
            # Events can come for ever, and the answer not.
            if time.monotonic() > end:
                raise TimeoutError('no answer')
            for kind, msg_flags, seq, body in self.receive():
                if seq != self.seq:
                    continue
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    _raise(kind, msg_flags, body)
                    return answer
                answer.append(parse(body[4:]))

    def watch(self, pid, ring_size=None, follow=False, lossless=False, callchain=False,
              stack_size=None, causes=None, tid=None):
        """Returns the number of the watch."""
        if lossless:
            kernel.need_waiting()
        attrs = u32(WATCH_PID, pid) + (u32(WATCH_RING_SIZE, ring_size) if ring_size else b'')
        for kind, wanted in (WATCH_FOLLOW, follow), (WATCH_LOSSLESS, lossless), (WATCH_CALLCHAIN, callchain):
            attrs += attr(kind, b'') if wanted else b''
        for kind, wanted in ((WATCH_STACK_SIZE, stack_size), (WATCH_CALLCHAIN_CAUSES, causes),
                             (WATCH_CALLCHAIN_TID, tid)):
            attrs += u32(kind, wanted) if wanted is not None else b''
        return number(self.ask(WATCH, attrs)[0], WATCH_ID)

    def unwatch(self, watch):
        self.ask(UNWATCH, u32(WATCH_ID, watch))

    def watches(self):
        """All watches, by their numbers."""
        return {number(attrs, WATCH_ID): attrs for attrs in self.ask(WATCH_GET, flags=F_DUMP)}

    def events_so_far(self, watch):
        """The number of the last event of a watch: the module counts while the change is made."""
        return number(self.watches()[watch], WATCH_SEQ)

    def events(self, timeout=TIMEOUT):
        """The events of the next datagram."""
        return [parse(body[4:]) for kind, _, _, body in self.receive(timeout)
                if kind == self.family and body[0] == EVENT]


def _raise(kind, flags, body):
    """Raise what an acknowledgement, or the end of a dump, tells of an error."""
    code = -struct.unpack_from('=i', body)[0]
    if not code:
        return
    tlvs = b''
    if flags & _TLVS:
        # The header of the request comes back, or all of it.
        request = 0
        if kind == NLMSG_ERROR:
            request = 16 if flags & _CAPPED else (struct.unpack_from('=I', body, 4)[0] + 3) & ~3
        tlvs = body[4 + request:]
    told = dict(parse(tlvs))
    words = told.get(1, b'').rstrip(b'\0').decode()
    raise Refused(code, words, int.from_bytes(told[2], 'little') if 2 in told else None)


def refusal(ask, *args, **options):
    """What an ask is refused with; it is an error if it is not."""
    try:
        answer = ask(*args, **options)
    except Refused as refused:
        return refused
    raise AssertionError(f'this was not refused, but answered with {answer}')


def watches():
    """All watches, asked for by a socket of its own."""
    with Netlink() as nl:
        return nl.watches()


def none_left(timeout=TIMEOUT):
    """The module answers, and nothing is left of the watches of before."""
    until(lambda: not watches(), 'no watch is left', timeout)
