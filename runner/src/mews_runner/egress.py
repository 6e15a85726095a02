"""Leads the programs of a sandbox to the egress proxy: python egress.py COMMAND...

The proxy's socket is at MEWS_EGRESS. Programs speak to proxies over TCP, so a process in the
background carries connections there; COMMAND takes the place of this one. Without MEWS_EGRESS there
is nothing to carry, and COMMAND is all.
"""

from __future__ import annotations

import os
import select
import socket
import sys
from typing import List, Optional

VARIABLE = "MEWS_EGRESS"
# protocol: sandbox.EgressDesk
ADDRESS = ("127.0.0.1", 29100)


def listen() -> Optional[socket.socket]:
    """
    :return: None if this sandbox has no egress proxy
    """
    if not os.environ.get(VARIABLE):
        return None
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(ADDRESS)
    listener.listen(1024)
    return listener


def target() -> str:
    return "unix:" + os.environ[VARIABLE]


def _in_background(listener: socket.socket) -> None:
    """Leaves a grandchild, which nobody waits for; it ends with the sandbox."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        _carry(listener)
    finally:
        os._exit(1)


def _carry(listener: socket.socket) -> None:
    # Few programs ever connect, and what carries is heavy to import.
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    poll.poll()
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import asyncio

    import forward

    asyncio.run(forward.keep([(listener, target())]))


def main(command: List[str]) -> None:
    listener = listen()
    if listener is not None:
        _in_background(listener)
        listener.close()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
