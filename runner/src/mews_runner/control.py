"""The socket to the server."""

from __future__ import annotations

import base64
import json
import os
import platform
import select
import socket
import threading
import time
from typing import Any, Callable, Dict, List, Optional

from mews_runner import background
from mews_runner.messages import Start, Warm

# Larger ones go into a file: a line is held in memory several times on both sides.
LARGEST_INLINE = 256 * 1024


class Control:
    """Sends from any thread; a server that is gone is not an error here, the lifeline sees to it."""

    def __init__(self, folder: str, name: str = "control.sock") -> None:
        self._folder = folder
        self.imports: Callable[[], List[str]] = list
        """tells what the server should have others import early"""
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(os.path.join(folder, name))
        self._lines = self._socket.makefile("rb")
        self._ended = False
        os.register_at_fork(after_in_child=self.forget)

    def fileno(self) -> int:
        return self._socket.fileno()

    def hello(self, first_line: float, began: Optional[float] = None) -> None:
        """
        :param began: when the kernel started the interpreter; None for a fork
        """
        if began is not None:
            self._send({"type": "phase", "name": "interpreter", "t": began})
        self._send(
            {
                "type": "hello",
                "pid": os.getpid(),
                "python": platform.python_version(),
                "t": first_line,
            }
        )

    def hears_within(self, seconds: float) -> bool:
        """Whether the first message is there, or the server hung up."""
        return bool(select.select([self._socket], [], [], seconds)[0])

    def start(self) -> Optional[Start]:
        """Waits for the first message; None if the server hung up."""
        line = self._lines.readline()
        return Start.parse(json.loads(line)) if line else None

    def warm(self) -> Optional[Warm]:
        """As `start`, for a warm parent."""
        line = self._lines.readline()
        return Warm.parse(json.loads(line)) if line else None

    def watch(self, stop: Callable[[], None], gone: Callable[[], None]) -> None:
        """Listens for the rest of the runner's life."""
        background.run(self._watch, stop, gone)

    def phase(self, name: str) -> None:
        """Says that a phase begins."""
        self._send({"type": "phase", "name": name, "t": time.time()})

    def elsewhere(self, ports: List[int]) -> None:
        """Says on which ports the app listens, none of them the one that was agreed on."""
        self._send({"type": "elsewhere", "ports": ports})

    def ready(self) -> None:
        self._send({"type": "ready", "t": time.time()})

    def tell_imports(self) -> None:
        """To be called when nobody waits for this process: looking at all modules takes a while."""
        modules = self.imports()
        if modules:
            self._send({"type": "imports", "modules": modules})

    def result(self, method: str, definition: bytes, raised: bool, traceback: Optional[str]) -> None:
        message: Dict[str, Any] = {
            "type": "result",
            "method": method,
            "raised": raised,
            "traceback": traceback,
        }
        if len(definition) <= LARGEST_INLINE:
            message["definition"] = base64.b64encode(definition).decode("ascii")
        else:
            self._put_result(definition)
        self._send(message, last=True)

    def set_up(self, seconds: float, lines: List[str]) -> None:
        """Says that `setup()` ran in a warm parent, and what it printed."""
        self._send({"type": "set_up", "seconds": seconds, "lines": lines})

    def failed(self, phase: str, message: str, traceback: str) -> None:
        self._send({"type": "failed", "phase": phase, "message": message, "traceback": traceback}, last=True)

    def bye(self) -> None:
        self._send({"type": "bye"})

    def _put_result(self, definition: bytes) -> None:
        target = os.path.join(self._folder, "result")
        with open(target + ".part", "wb") as file:
            file.write(definition)
        os.chmod(target + ".part", 0o644)
        os.rename(target + ".part", target)

    def _send(self, message: Dict[str, Any], last: bool = False) -> None:
        data = json.dumps(message).encode("ascii") + b"\n"
        # A forked child must not wait for a lock that a thread of its parent held.
        if self._ended:
            return
        with self._lock:
            # The first verdict stands: what follows a failure is only its echo.
            if self._ended:
                return
            self._ended = last
            try:
                self._socket.sendall(data)
            except OSError:
                pass

    def _watch(self, stop: Callable[[], None], gone: Callable[[], None]) -> None:
        try:
            for line in self._lines:
                if json.loads(line).get("type") == "stop":
                    stop()
        except (OSError, ValueError):
            pass
        gone()

    def forget(self) -> None:
        """A forked child must neither speak for the runner nor keep its connection."""
        self._ended = True
        try:
            os.close(self._socket.detach())
        except OSError:
            pass
