"""Starts forward.py beside the runner."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import List, Sequence

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "forward.py")


def spawn(pairs: Sequence[str], inherited: Sequence[int] = ()) -> "subprocess.Popen[bytes]":
    """Returns before it listens.

    :param pairs: from, to, from, to, ... as forward.py takes them
    :param inherited: listening sockets named in `pairs`
    """
    command: List[str] = [sys.executable, "-I", "-S", "-B", SOURCE]
    return subprocess.Popen(
        command + list(pairs),
        # It lives until the runner's end of this pipe is closed, however the runner ends.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=tuple(inherited),
        close_fds=True,
    )


def await_listening(process: "subprocess.Popen[bytes]") -> None:
    """
    :raises OSError: if it ended instead
    """
    assert process.stdout is not None
    with process.stdout as said:
        if not said.readline():
            raise OSError("it ended with exit code %d" % process.wait())


def start(pairs: Sequence[str], inherited: Sequence[int] = ()) -> "subprocess.Popen[bytes]":
    """Returns once it listens; parameters as for `spawn`."""
    process = spawn(pairs, inherited)
    await_listening(process)
    return process
