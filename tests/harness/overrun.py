# SPDX-License-Identifier: GPL-2.0-only
"""Makes more events than a client that was stopped has room for."""
from harness import netlink
from harness.puppet import PAGE, PROT_READ, RW


def flood(puppet):
    """Many changes by one request: split and merge, an event each."""
    size = 512
    place = puppet.mmap(size * PAGE, PROT_READ)
    puppet.call('mprotect', place, PAGE, RW, count=size // 2, stride=2 * PAGE)
    puppet.call('munmap', place, size * PAGE)


def drain(nl):
    """Read what is there."""
    while True:
        try:
            nl.receive(timeout=0)
        except TimeoutError:
            return


def overrun(number, pid):
    """
    Has the ring gone round since a client's socket was full? It is told how much it lost, and that is counted, when
    the socket has room again; an event takes more than 64 bytes of the ring.
    """
    with netlink.Netlink() as ask:
        attrs = ask.watches()[number]
    for kind, data in attrs:
        said = netlink.parse(data) if kind == netlink.WATCH_SUBSCRIBER else []
        if said and netlink.number(said, netlink.SUBSCRIBER_PID) == pid:
            lost, sent = (netlink.number(said, kind) for kind in (netlink.SUBSCRIBER_LOST, netlink.SUBSCRIBER_SENT))
            return lost or netlink.number(attrs, netlink.WATCH_SEQ) - sent > netlink.SMALLEST_RING // 64
    raise AssertionError(f'client {pid} is no subscriber')
