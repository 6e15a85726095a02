"""Leads the programs of a sandbox to the egress proxy: python egress.py COMMAND...

The proxy's socket is at MEWS_EGRESS. Programs speak to proxies over TCP, so a process in the
background carries connections there; COMMAND takes the place of this one. Without MEWS_EGRESS there
is nothing to carry, and COMMAND is all.
"""

from __future__ import annotations

import _thread
import os
import socket
import sys
import time
from typing import List, Optional

VARIABLE = "MEWS_EGRESS"
# protocol: sandbox.EgressDesk
ADDRESS = ("127.0.0.1", 29100)
PIECE = 128 * 1024
STACK = 256 * 1024
PAUSE = 0.05


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
        carry(listener)
    finally:
        os._exit(1)


def carry(listener: socket.socket) -> None:
    # Threads, since what else carries takes longer to import than most builds take to resolve.
    _thread.stack_size(STACK)
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            # Too many are open, or this one was gone at once.
            time.sleep(PAUSE)
            continue
        try:
            _thread.start_new_thread(_serve, (near,))
        except RuntimeError:
            near.close()


def _serve(near: socket.socket) -> None:
    with near, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as far:
        back = _thread.allocate_lock()
        try:
            far.connect(os.environ[VARIABLE])
            back.acquire()
            _thread.start_new_thread(_back, (far, near, back))
        except (OSError, RuntimeError):
            return
        _move(near, far)
        back.acquire()


def _back(far: socket.socket, near: socket.socket, done: _thread.LockType) -> None:
    _move(far, near)
    done.release()


def _move(source: socket.socket, sink: socket.socket) -> None:
    """Until the source's end, of which the sink is told; if either breaks, both are ended."""
    try:
        piece = memoryview(bytearray(PIECE))
        length = source.recv_into(piece)
        while length:
            sink.sendall(piece[:length])
            length = source.recv_into(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def main(command: List[str]) -> None:
    listener = listen()
    if listener is not None:
        _in_background(listener)
        listener.close()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
