"""Forwards connections: python forward.py FROM TO [FROM TO ...]

FROM is unix:/path or fd:7 (a listening socket), TO is unix:/path or tcp:127.0.0.1:8000. A process of
its own, so that user code that holds the interpreter lock holds up no connection. It ends with
whoever holds its stdin.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import Any, List, Optional, Tuple

LAST_BYTES = 2.0


class Side(asyncio.Protocol):
    """One end of a forwarded connection."""

    def __init__(self, other: "Optional[Side]" = None) -> None:
        self.other = other
        self.transport: Any = None
        self.early: List[bytes] = []
        self.ended = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self.early.append(data)
        else:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        self.ended = True
        if self.other is not None and self.other.transport is not None:
            self.other.end()
        return True

    def connection_lost(self, error: Optional[Exception]) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()

    # The other end may read no faster than this one can write.
    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.transport.resume_reading()

    def end(self) -> None:
        if self.transport.can_write_eof():
            self.transport.write_eof()


class Accepted(Side):
    """The end that somebody connected to; it makes the other one."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.pause_reading()
        asyncio.ensure_future(self.connect())

    async def connect(self) -> None:
        try:
            far = await reach(self.target, self)
        except OSError:
            self.transport.abort()
            return
        if self.transport.is_closing():
            far.transport.abort()
            return
        self.other = far
        # Before 3.11, asyncio may read although it was told to pause.
        for data in self.early:
            far.transport.write(data)
        if self.ended:
            far.end()
        self.transport.resume_reading()


async def reach(target: str, near: Side) -> Side:
    kind, _, address = target.partition(":")
    loop = asyncio.get_running_loop()
    if kind == "unix":
        _, far = await loop.create_unix_connection(lambda: Side(near), address)
        return far
    host, _, port = address.rpartition(":")
    try:
        _, far = await loop.create_connection(lambda: Side(near), host, int(port))
    except ConnectionRefusedError:
        # Some servers listen on IPv6 alone.
        _, far = await loop.create_connection(lambda: Side(near), "::1", int(port))
    return far


def listener(source: str) -> socket.socket:
    kind, _, address = source.partition(":")
    if kind == "fd":
        return socket.socket(fileno=int(address))
    try:
        os.unlink(address)
    except FileNotFoundError:
        pass
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(address)
    os.chmod(address, 0o666)
    return listening


async def serve(pairs: List[Tuple[socket.socket, str]]) -> None:
    loop = asyncio.get_running_loop()
    for source, target in pairs:
        await loop.create_server(lambda target=target: Accepted(target), sock=source, backlog=1024)


async def keep(pairs: List[Tuple[socket.socket, str]]) -> None:
    """Forwards until the process is ended."""
    await serve(pairs)
    await asyncio.get_running_loop().create_future()


async def forward(pairs: List[Tuple[str, str]]) -> None:
    loop = asyncio.get_running_loop()
    await serve([(listener(source), target) for source, target in pairs])
    os.write(1, b"listening\n")
    ended = loop.create_future()
    loop.add_reader(0, lambda: ended.done() or ended.set_result(None))
    await ended
    # What the app answered last may still be on its way.
    await asyncio.sleep(LAST_BYTES)


def main(arguments: List[str]) -> int:
    asyncio.run(forward(list(zip(arguments[::2], arguments[1::2]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
