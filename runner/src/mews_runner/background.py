"""Threads of the runner's own."""

from __future__ import annotations

import _thread
from typing import Any, Callable


def run(work: Callable[..., None], *arguments: Any) -> None:
    """As a daemon thread, but whoever starts it does not wait until it runs: a start has several."""
    _thread.start_new_thread(work, arguments)
