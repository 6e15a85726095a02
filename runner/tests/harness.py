"""A server for one runner: speaks the control protocol, keeps what the runner said and printed."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any, Dict, List, Optional, Union

SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src")
MAIN = os.path.join(SOURCE, "mews_runner", "__main__.py")
PATIENCE = 60.0


class RunnerUnderTest:
    def __init__(self, python: str = sys.executable) -> None:
        # Socket paths are short.
        self.folder = tempfile.mkdtemp(prefix="mr", dir="/tmp")
        self.packages = os.path.join(self.folder, "packages")
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.packages)
        os.mkdir(self.work)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(os.path.join(self.folder, "control.sock"))
        self._listener.listen(1)
        self._listener.settimeout(PATIENCE)
        self.heard: List[Dict[str, Any]] = []
        self.printed: List[Dict[str, Any]] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            # No site: what is installed for this Python is not the app's.
            [python, "-B", "-S", MAIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.work,
            env={
                "PATH": os.environ["PATH"],
                "HOME": self.work,
                "LANG": "C.UTF-8",
                "PYTHONUNBUFFERED": "1",
                "MEWS_RUNNER_DIR": self.folder,
            },
        )
        self._readers = [
            self._follow(self.process.stdout, "stdout"),
            self._follow(self.process.stderr, "stderr"),
        ]
        self._control, _ = self._listener.accept()
        self._control.settimeout(None)
        self._readers.append(self._thread(self._listen))

    def module(self, name: str, text: str) -> None:
        """Puts a module where the app's packages are."""
        with open(os.path.join(self.packages, name + ".py"), "w") as file:
            file.write(text)

    def start(self, function: bytes = b"", **fields: Any) -> None:
        message: Dict[str, Any] = {
            "type": "start",
            "kind": "pickle",
            "method": "pickle",
            "function": base64.b64encode(function).decode(),
            "setup": None,
            "env": {"IS_ISOLATE_AGENT": "1"},
            "paths": [self.packages],
            "support": [],
            "workdir": self.work,
            "exposed_port": None,
            "metrics_port": None,
            "job": True,
            "grace": 5,
            "main_thread": None,
        }
        message.update(fields)
        self.send(message)

    def send(self, message: Dict[str, Any]) -> None:
        self._control.sendall(json.dumps(message).encode() + b"\n")

    def close_stdin(self) -> None:
        self.process.stdin.close()

    def message(self, kind: str) -> Dict[str, Any]:
        """Waits for a message of a type; fails if the runner ends without it."""
        return self._wait(lambda: next((m for m in self.heard if m["type"] == kind), None), kind)

    def line(self, text: str) -> Dict[str, Any]:
        """Waits for a printed line that contains a text."""
        return self._wait(lambda: next((p for p in self.printed if text in p["m"]), None), text)

    def lines(self) -> List[str]:
        return [line["m"] for line in self.printed]

    def phases(self) -> List[str]:
        return [m["name"] for m in self.heard if m["type"] == "phase"]

    def end(self) -> int:
        """Waits for the process and for everything it said."""
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def result(self) -> bytes:
        message = self.message("result")
        if "definition" in message:
            return base64.b64decode(message["definition"])
        with open(os.path.join(self.folder, "result"), "rb") as file:
            return file.read()

    def call(
        self,
        method: str = "POST",
        path: str = "/",
        body: Optional[Union[bytes, str]] = None,
        headers: Optional[Dict[str, str]] = None,
        name: str = "app.sock",
    ) -> "Answer":
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
        if name == "metrics.sock":
            # It comes a little later than the app's.
            connection.sock = self._wait(lambda: self._connection(name), name)
        else:
            connection.sock = self._connected(name)
        connection.request(method, path, body, {"content-type": "application/json", **(headers or {})})
        response = connection.getresponse()
        answer = Answer(response.status, response.read())
        connection.close()
        return answer

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except OSError:
                pass
        self._control.close()
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "RunnerUnderTest":
        return self

    def __exit__(self, *unused: Any) -> None:
        self.close()

    def _connection(self, name: str) -> Optional[socket.socket]:
        try:
            return self._connected(name)
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    def _connected(self, name: str) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(PATIENCE)
        try:
            made.connect(os.path.join(self.folder, name))
        except OSError:
            made.close()
            raise
        return made

    def _wait(self, found: Any, what: str) -> Any:
        end = time.monotonic() + PATIENCE
        with self._news:
            while True:
                value = found()
                if value is not None:
                    return value
                left = end - time.monotonic()
                over = self.process.poll() is not None and not any(r.is_alive() for r in self._readers)
                if left <= 0 or over:
                    raise AssertionError(
                        "no %r; heard %r; printed %r; exit %r"
                        % (what, self.heard, self.lines(), self.process.poll())
                    )
                self._news.wait(min(left, 0.2))

    def _listen(self) -> None:
        for line in self._control.makefile("rb"):
            with self._news:
                self.heard.append(json.loads(line))
                self._news.notify_all()

    def _follow(self, stream: Any, level: str) -> threading.Thread:
        def read() -> None:
            for raw in stream:
                plain, mark, labelled = raw.partition(b"\x1e")
                with self._news:
                    if plain.strip():
                        self.printed.append({"m": plain.decode().rstrip("\n"), "l": level, "plain": True})
                    if mark:
                        self.printed.append(json.loads(labelled))
                    self._news.notify_all()

        return self._thread(read)

    @staticmethod
    def _thread(target: Any) -> threading.Thread:
        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        return thread


class Answer:
    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)
