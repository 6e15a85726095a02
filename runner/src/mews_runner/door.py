"""Lets the app reach the server by the addresses that the developer knows it by, and the egress proxy.

Most apps never use them; listening costs nothing, and a forwarder is started at the first connection.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import threading
from typing import Any, List, Optional, Set, Tuple

from mews_runner import background, egress, forwarder, listening, output


class Door:
    """The listening side, inside the sandbox."""

    def __init__(self, listeners: List[socket.socket], proxy: Optional[socket.socket], folder: str) -> None:
        self._listeners = listeners + ([proxy] if proxy else [])
        self._proxy = proxy
        self._folder = folder
        self._lock = threading.Lock()
        self.ports: Set[int] = {listener.getsockname()[1] for listener in self._listeners}

    @staticmethod
    def open(authorities: List[str], folder: str) -> "Door":
        """
        :param authorities: `host:port` of the server, which nothing else in here must be able to
            mean: in a network of its own, loopback is free and other addresses lead nowhere
        """
        reached = [found for authority in authorities for found in listening.split(authority)]
        door = Door(listening.listen_at(reached, _warn), _listen_for_proxy(), folder)
        if door._listeners:
            _lead_names_to_loopback(reached)
            background.run(door._keep)
        return door

    def leave(self, port: int) -> None:
        """Gives up a port that the app wants for itself."""
        self.ports.discard(port)
        with self._lock:
            for listener in [one for one in self._listeners if one.getsockname()[1] == port]:
                self._listeners.remove(listener)
                # Wakes the thread below, which has it in its list.
                listener.shutdown(socket.SHUT_RDWR)
                listener.close()

    def _keep(self) -> None:
        while True:
            with self._lock:
                waiting = list(self._listeners)
                poll = select.poll()
                for listener in waiting:
                    poll.register(listener, select.POLLIN)
            if not waiting:
                return
            poll.poll()
            with self._lock:
                if waiting == self._listeners:
                    process = self._hand_over()
                    break
        if process is not None:
            process.wait()

    def _hand_over(self) -> "Optional[subprocess.Popen[bytes]]":
        """Has a process of its own carry the connections from now on."""
        listeners, self._listeners = self._listeners, []
        pairs = [text for one in listeners for text in ("fd:%d" % one.fileno(), self._target(one))]
        try:
            return forwarder.start(pairs, [one.fileno() for one in listeners])
        except OSError as e:
            output.say("error", "the way to the server cannot be opened: %s" % e)
            return None
        finally:
            for one in listeners:
                one.close()

    def _target(self, listener: socket.socket) -> str:
        if listener is self._proxy:
            return egress.target()
        return "unix:" + os.path.join(self._folder, "door.sock")


def _warn(text: str) -> None:
    output.say("warning", text)


def _listen_for_proxy() -> Optional[socket.socket]:
    try:
        return egress.listen()
    except OSError as e:
        _warn("the egress proxy cannot be reached from here: %s" % e)
        return None


def _lead_names_to_loopback(reached: List[Tuple[str, int]]) -> None:
    """Has Python code find these names here; a name server does not know them, or leads outside."""
    names: Set[Tuple[str, int]] = {found for found in reached if not found[0].startswith("127.")}
    resolve = socket.getaddrinfo

    def is_ours(host: Any, port: Any) -> bool:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        try:
            return isinstance(name, str) and (name.lower(), int(port)) in names
        except (TypeError, ValueError):
            return False

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        return resolve(listening.LOOPBACK if is_ours(host, port) else host, port, *arguments, **named)

    if names:
        socket.getaddrinfo = getaddrinfo
