"""Joins two network namespaces by a pair of interfaces, in words of the kernel's own (rtnetlink): a
program for each of these steps would take longer to start than all of them take.

Any Python from 3.8 on.
"""

import _ctypes
import os
import socket
import struct

NEW_NETWORK = 0x40000000
NEW_LINK, NEW_ADDRESS, NEW_ROUTE, ERROR = 16, 20, 24, 2
REQUEST, ACKNOWLEDGE, EXCLUSIVE, CREATE = 1, 4, 0x200, 0x400
UP = 1
NAME, MTU, LINK_INFO, NAMESPACE_OF, BY_FAMILY = 3, 4, 18, 19, 26
INFO_KIND, INFO_DATA, VETH_PEER = 1, 2, 1
ADDRESS_MODE, NO_ADDRESS = 8, 1
ADDRESS, LOCAL = 1, 2
OUT_BY, GATEWAY = 4, 5
MAIN_TABLE, BY_BOOT, UNICAST = 254, 3, 1
PREFIX = 30
INNER = "eth0"


class Words:
    """A talk with the kernel about one network namespace: ours."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.socket.bind((0, 0))
        self.count = 0

    def ask(self, what, kind, body, flags=0):
        """
        :raises OSError: if the kernel refuses
        """
        self.count += 1
        head = struct.pack("=IHHII", 16 + len(body), kind, REQUEST | ACKNOWLEDGE | flags, self.count, 0)
        self.socket.send(head + body)
        while True:
            answer = self.socket.recv(8192)
            _, kind, _, number, _ = struct.unpack_from("=IHHII", answer)
            if kind == ERROR and number == self.count:
                code = -struct.unpack_from("=i", answer, 16)[0]
                if code:
                    raise OSError(code, "%s: %s" % (what, os.strerror(code)))
                return

    def address(self, device, own):
        """Gives a device an address that begets none of IPv6, and switches it on."""
        index = socket.if_nametoindex(device)
        family = field(socket.AF_INET6, field(ADDRESS_MODE, struct.pack("=B", NO_ADDRESS)))
        self.ask(device, NEW_LINK, link(index) + field(BY_FAMILY, family))
        raw = socket.inet_aton(own)
        body = struct.pack("=BBBBi", socket.AF_INET, PREFIX, 0, 0, index) + field(LOCAL, raw) + field(ADDRESS, raw)
        self.ask(own, NEW_ADDRESS, body, CREATE | EXCLUSIVE)
        self.ask(device, NEW_LINK, link(index, UP))
        return index

    def close(self):
        self.socket.close()


def make(device, mtu, pid, own):
    """Makes a pair, one end here, the other in the network of a process.

    :param own: address of the end here
    """
    words = Words()
    try:
        size = field(MTU, struct.pack("=I", mtu))
        there = link(0) + text(NAME, INNER) + size + field(NAMESPACE_OF, struct.pack("=I", pid))
        info = text(INFO_KIND, "veth") + field(INFO_DATA, field(VETH_PEER, there))
        body = link(0) + text(NAME, device) + size + field(LINK_INFO, info)
        words.ask(device, NEW_LINK, body, CREATE | EXCLUSIVE)
        words.address(device, own)
    finally:
        words.close()


def settle(pid, own, gateway):
    """Switches on the end in the network of a process, and sends all there is by it."""
    ours = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    theirs = os.open("/proc/%d/ns/net" % pid, os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(theirs)
        words = Words()
        try:
            index = words.address(INNER, own)
            body = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, MAIN_TABLE, BY_BOOT, 0, UNICAST, 0)
            body += field(GATEWAY, socket.inet_aton(gateway)) + field(OUT_BY, struct.pack("=i", index))
            words.ask("route", NEW_ROUTE, body, CREATE | EXCLUSIVE)
        finally:
            words.close()
            enter(ours)
    finally:
        os.close(theirs)
        os.close(ours)


def enter(namespace):
    setns = _ctypes.dlsym(_ctypes.dlopen(None, 2), "setns")
    if _ctypes.call_cdeclfunction(setns, (namespace, NEW_NETWORK)) != 0:
        raise OSError("the network of the fork cannot be entered")


def link(index, flags=0):
    return struct.pack("=BxHiII", 0, 0, index, flags, flags)


def text(kind, value):
    return field(kind, value.encode() + b"\0")


def field(kind, content):
    length = 4 + len(content)
    return struct.pack("=HH", length, kind) + content + bytes(-length % 4)
