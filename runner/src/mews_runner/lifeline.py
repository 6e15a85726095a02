"""The runner ends with its server: stdin is a pipe that only the server holds open."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import time

from mews_runner import background, output


class Lifeline:
    def __init__(self) -> None:
        # Children must find the end of a file on stdin, not hold the pipe or read from it.
        self._pipe = os.dup(0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self._grace = 0.0
        self._once = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)
        if os.getpid() == 1:
            # The kernel drops signals without a handler that go to the first process.
            signal.signal(signal.SIGTERM, self._end)

    def watch(self) -> None:
        background.run(self._watch)

    def grace(self, seconds: float) -> None:
        """How long the app may take to stop after the server went away."""
        self._grace = seconds

    def stop(self) -> None:
        """Stops as SIGTERM does; once, since apps count how often they are told."""
        if self._once.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGTERM)

    def gone(self) -> None:
        """The server went away."""
        # Its timer needs no interpreter lock, so it ends an app that never gives the lock back.
        faulthandler.dump_traceback_later(self._grace + 1, exit=True, file=2)
        self.stop()
        time.sleep(self._grace)
        output.flush_all()
        os._exit(137)

    def _watch(self) -> None:
        try:
            while os.read(self._pipe, 64):
                pass
        except OSError:
            pass
        self.gone()

    def _forget(self) -> None:
        try:
            os.close(self._pipe)
        except OSError:
            pass

    @staticmethod
    def _end(signum: int, frame: object) -> None:
        output.flush_all()
        os._exit(128 + signum)
