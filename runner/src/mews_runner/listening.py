"""Who listens on what, by the kernel's tables, and listening for the server inside a sandbox."""

from __future__ import annotations

import socket
from typing import Callable, Dict, List, Optional, Set, Tuple

LOOPBACK = "127.0.0.1"
LISTENS = "0A"


def ports() -> Dict[int, Set[str]]:
    """Ports that somebody listens on, on whatever address, with the inodes of the sockets."""
    found: Dict[int, Set[str]] = {}
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        try:
            with open(table) as file:
                rows = [line.split() for line in file.readlines()[1:]]
        except OSError:
            continue
        for row in rows:
            if len(row) > 9 and row[3] == LISTENS:
                found.setdefault(int(row[1].rpartition(":")[2], 16), set()).add(row[9])
    return found


def split(authority: str) -> List[Tuple[str, int]]:
    host, _, port = authority.rpartition(":")
    if port.isdigit():
        return [(host.strip("[]").lower(), int(port))]
    # An address without a port has that of its scheme.
    return [(authority.strip("[]").lower(), usual) for usual in (80, 443)]


def listen_at(reached: List[Tuple[str, int]], warn: Callable[[str], None]) -> List[socket.socket]:
    """Listens where the server seems to be; names are taken to lead to loopback."""
    addresses: List[Tuple[str, int]] = []
    for host, port in reached:
        for address in [host] if host.startswith("127.") else [LOOPBACK, "::1"]:
            if (address, port) not in addresses:
                addresses.append((address, port))
    return [found for found in (_listen(host, port, warn) for host, port in addresses) if found]


def _listen(host: str, port: int, warn: Callable[[str], None]) -> Optional[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as e:
        listener.close()
        # Low ports are needed only if the server's address has none, IPv6 only if there is any.
        if family == socket.AF_INET and port > 1023:
            warn("the server cannot be reached at %s:%d from here: %s" % (host, port, e))
        return None
    return listener
