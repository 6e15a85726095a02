"""What the app prints: whole lines, each with the request that it was printed for.

A line that belongs to a request is written as the mark 0x1e and one JSON object, and so is a traceback
that the SDK prints as JSON; every other line is written as it is. Child processes and C code write to
the same pipes without any of this.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import sys
import threading
import time
from contextvars import ContextVar
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

# Named and placed as fal's SDK expects it: a dict of labels, `fal_request_id` among them.
LABELS: "ContextVar[Dict[str, Any]]" = ContextVar("ISOLATE_CONTEXT_VAR_LOG", default={})

MARK = b"\x1e"
LONGEST = 64 * 1024
TRACEBACK = '{"traceback"'

_label_all = False


def current_request() -> Optional[str]:
    labels = LABELS.get()
    request = labels.get("fal_request_id") if isinstance(labels, dict) else None
    return request if isinstance(request, str) and request else None


class Output:
    """Stands in for sys.stdout or sys.stderr; all that is not writing goes to the stream below."""

    def __init__(self, below: Any, level: str) -> None:
        self._below = below
        self._level = level
        self._fd = below.fileno()
        # Signal handlers print too, perhaps while this thread prints.
        self._lock = threading.RLock()
        self._begun: Dict[Tuple[int, Optional[str]], str] = {}

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        if not text:
            return 0
        request = current_request()
        key = (threading.get_ident(), request)
        with self._lock:
            # A progress bar returns to the start of its line instead of ending it.
            text_so_far = self._begun.pop(key, "") + text.replace("\r", "\n")
            whole, newline, rest = text_so_far.rpartition("\n")
            if newline:
                self._emit(whole.split("\n"), request)
            if len(rest) >= LONGEST:
                self._emit([rest], request)
            elif rest:
                self._begun[key] = rest
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Ends the line that this thread has begun, since nobody knows whether it goes on."""
        request = current_request()
        with self._lock:
            rest = self._begun.pop((threading.get_ident(), request), "")
            if rest:
                self._emit([rest], request)

    def flush_request(self, request: Optional[str]) -> None:
        """Ends the lines that any thread has begun for a request which is over."""
        with self._lock:
            for key in [key for key in self._begun if key[1] == request]:
                self._emit([self._begun.pop(key)], request)

    def flush_all(self) -> None:
        with self._lock:
            for key in list(self._begun):
                self._emit([self._begun.pop(key)], key[1])

    def forget_lock(self) -> None:
        """In a forked child, whoever held it does not exist; the lines begun are its parent's."""
        self._lock = threading.RLock()
        self._begun = {}

    def _emit(self, lines: List[str], request: Optional[str]) -> None:
        self._put(b"".join(self._encoded(line, request) for line in lines if line))

    def _encoded(self, line: str, request: Optional[str]) -> bytes:
        traceback = _traceback(line)
        if traceback is not None:
            parts = _parts(traceback.rstrip())
            return b"".join(_labelled(part, "error", request, s="user") for part in parts)
        if request is not None or _label_all:
            return b"".join(_labelled(part, self._level, request) for part in _parts(line))
        return (line + "\n").encode("utf-8", "backslashreplace")

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                # A child made the shared pipe non-blocking.
                select.select([], [self._fd], [])
            except OSError:
                return  # the server is gone, and the lifeline ends us

    def __getattr__(self, name: str) -> Any:
        return getattr(self._below, name)

    def __iter__(self) -> Any:
        return iter(self._below)

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, *unused: Any) -> None:
        self.flush()


def install() -> None:
    sys.stdout = Output(sys.stdout, "stdout")  # type: ignore[assignment]
    sys.stderr = Output(sys.stderr, "stderr")  # type: ignore[assignment]
    atexit.register(flush_all)
    os.register_at_fork(after_in_child=_forget_locks)


@contextlib.contextmanager
def all_labelled() -> Iterator[None]:
    """Meanwhile each line tells its level and its time, since both streams lead to one place."""
    global _label_all
    _label_all = True
    try:
        yield
    finally:
        _label_all = False


def flush_request(request: Optional[str]) -> None:
    for stream in _streams():
        stream.flush_request(request)


def flush_all() -> None:
    for stream in _streams():
        stream.flush_all()


def say(level: str, message: str) -> None:
    """The runner's own words, told apart from the app's by their level."""
    for stream in _streams():
        with stream._lock:
            stream._put(_labelled(message, level, None))
        return


def _forget_locks() -> None:
    for stream in _streams():
        stream.forget_lock()


def _labelled(line: str, level: str, request: Optional[str], **more: str) -> bytes:
    record: Dict[str, Any] = {"m": line, "l": level, "t": time.time(), **more}
    if request is not None:
        record["r"] = request
    return MARK + json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _traceback(line: str) -> Optional[str]:
    """What the SDK prints when a request raises, on a line that is nothing else."""
    if not line.startswith(TRACEBACK):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    text = found.get("traceback") if len(found) == 1 else None
    return text if isinstance(text, str) else None


def _streams() -> List[Output]:
    return [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, Output)]


def _parts(line: str) -> List[str]:
    return [line[i : i + LONGEST] for i in range(0, len(line), LONGEST)] or [line]
