"""Speaks for an app that is a container image's own process, from its network but with this host's files.

One process, one loop and few imports: it is started together with the app, whose first answer must not
wait for it. It tells the server when the app's port accepts, and carries connections there; the other
way, it answers for the server inside, and for the egress proxy where there is one.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from typing import Callable, Dict, List, Optional, Tuple

from mews_runner import egress, listening

POLL = 0.005
POLL_LATER = 0.1
EARLY = 10.0
CHUNK = 256 * 1024
BACKLOG = 1024
# Of one connection, before others get their turn.
AT_ONCE = 16


class Pipe:
    """One direction of a connection: what was read on one side waits here for the other."""

    def __init__(self, source: socket.socket, target: socket.socket) -> None:
        self.source = source
        self.target = target
        self.waiting = b""
        self.ended = False

    def move(self) -> bool:
        """Moves what can be moved without waiting.

        :return: whether anything moved
        """
        moved = False
        if not self.waiting and not self.ended:
            try:
                self.waiting = self.source.recv(CHUNK)
                moved = True
                if not self.waiting:
                    self.ended = True
                    self.target.shutdown(socket.SHUT_WR)
            except BlockingIOError:
                pass
        if self.waiting:
            try:
                self.waiting = self.waiting[self.target.send(self.waiting) :]
                moved = True
            except BlockingIOError:
                pass
        return moved

    def move_some(self) -> bool:
        """
        :return: whether there may be more
        """
        return all(self.move() for _ in range(AT_ONCE))


class Carrier:
    """Carries connections between sockets."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._act: Dict[int, Callable[[int], None]] = {}
        self._unfinished: List[Callable[[int], None]] = []

    def watch(self, file: socket.socket, events: int, act: Callable[[int], None]) -> None:
        self._poll.register(file.fileno(), events)
        self._act[file.fileno()] = act

    def lead(self, listener: socket.socket, reach: Callable[[], socket.socket]) -> None:
        """Leads whoever connects to `listener` on to what `reach` connects to."""
        listener.setblocking(False)

        def accept(events: int) -> None:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                self._join(near, reach())
            except OSError:
                near.close()

        self.watch(listener, select.EPOLLIN, accept)

    def turn(self, patience: float) -> None:
        again, self._unfinished = self._unfinished, []
        for file, events in self._poll.poll(0 if again else patience):
            # An earlier event of the same turn may have closed it.
            act = self._act.get(file)
            if act is not None:
                act(events)
        for act in again:
            act(0)

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        pipes = (Pipe(near, far), Pipe(far, near))
        for side in (near, far):
            side.setblocking(False)

        def act(events: int) -> None:
            try:
                if any([pipe.move_some() for pipe in pipes]):
                    self._unfinished.append(act)
                if not all(pipe.ended and not pipe.waiting for pipe in pipes):
                    return
            except OSError:
                pass
            for side in (near, far):
                self._act.pop(side.fileno(), None)
                side.close()

        for side in (near, far):
            # Told of changes only: what cannot be moved now waits without turning the loop.
            self.watch(side, select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET, act)


class Beside:
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._carrier = Carrier()
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._control.connect(os.path.join(folder, "control.sock"))
        self._told: Optional[List[int]] = None

    def run(self) -> None:
        self._phase("interpreter")
        start = json.loads(self._control.makefile("rb").readline())
        port: Optional[int] = start.get("exposed_port")
        own = self._open_door(start.get("door") or [], port)
        # The server hangs up when it ends, and with it this process.
        self._carrier.watch(self._control, select.EPOLLIN, lambda events: os._exit(0))
        if port is not None:
            self._phase("setup")
            self._await_port(port, own)
            self._phase("bind")
            self._serve("app.sock", port)
            if start.get("metrics_port") not in (None, port):
                self._serve("metrics.sock", start["metrics_port"])
        self._say({"type": "ready", "t": time.time()})
        while True:
            self._carrier.turn(-1)

    def _open_door(self, authorities: List[str], port: Optional[int]) -> List[int]:
        """:return: the ports that are ours"""
        reached = [found for authority in authorities for found in listening.split(authority)]
        wanted = [one for one in reached if one[1] != port]
        listeners = listening.listen_at(wanted, self._log)
        for listener in listeners:
            self._carrier.lead(listener, lambda: _unix(os.path.join(self._folder, "door.sock")))
        try:
            proxy = egress.listen()
        except OSError as e:
            self._log("the egress proxy cannot be reached from here: %s" % e)
            proxy = None
        if proxy is not None:
            self._carrier.lead(proxy, lambda: _unix(egress.target().partition(":")[2]))
            listeners.append(proxy)
        return [listener.getsockname()[1] for listener in listeners]

    def _await_port(self, port: int, own: List[int]) -> None:
        began = time.monotonic()
        hinted = False
        while True:
            ports = listening.ports()
            if port in ports:
                return
            others = sorted(set(ports) - set(own))
            if others != self._told:
                self._told = others
                self._say({"type": "elsewhere", "ports": others})
            early = time.monotonic() - began < EARLY
            if others and not early and not hinted:
                hinted = True
                text = ", ".join(str(other) for other in others)
                self._log("nothing listens on exposed_port %d, but something does on %s" % (port, text))
            self._carrier.turn(POLL if early else POLL_LATER)

    def _serve(self, name: str, port: int) -> None:
        path = os.path.join(self._folder, name)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        os.chmod(path, 0o666)
        listener.listen(BACKLOG)
        self._carrier.lead(listener, lambda: _tcp(port))

    def _phase(self, name: str) -> None:
        self._say({"type": "phase", "name": name, "t": time.time()})

    def _say(self, message: Dict[str, object]) -> None:
        try:
            self._control.sendall(json.dumps(message).encode("ascii") + b"\n")
        except OSError:
            os._exit(0)

    def _log(self, text: str) -> None:
        line = {"m": text, "l": "warning", "t": time.time()}
        os.write(1, b"\x1e" + json.dumps(line).encode("ascii") + b"\n")


def _unix(path: str) -> socket.socket:
    far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    return _connected(far, path)


def _tcp(port: int) -> socket.socket:
    """Loopback answers at once, also when it refuses."""
    try:
        far = _connected(socket.socket(socket.AF_INET, socket.SOCK_STREAM), ("127.0.0.1", port))
    except ConnectionRefusedError:
        # Some servers listen on IPv6 alone.
        far = _connected(socket.socket(socket.AF_INET6, socket.SOCK_STREAM), ("::1", port))
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return far


def _connected(far: socket.socket, address: "str | Tuple[str, int]") -> socket.socket:
    try:
        far.connect(address)
    except OSError:
        far.close()
        raise
    return far


def main() -> None:
    Beside(os.environ["MEWS_RUNNER_DIR"]).run()
