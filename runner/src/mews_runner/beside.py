"""Speaks for an app that is a container image's own process, from its network but with this host's files."""

from __future__ import annotations

import os
import signal
from typing import List

from mews_runner.control import Control
from mews_runner.door import Door
from mews_runner.messages import Start
from mews_runner.ports import PortWatch
from mews_runner.server import Serving


def run(start: Start, control: Control, folder: str) -> int:
    """Tells when the app's port accepts, and leads connections there; ends with the server."""
    door = Door.open(start.door, folder)
    serving = Serving(control, folder, start.metrics_port)
    if start.exposed_port is None:
        # Nothing to wait for: it is ready as soon as it runs.
        control.ready()
    else:
        door.leave(start.exposed_port)
        control.phase("setup")
        watch = PortWatch(start.exposed_port, True, serving, True, door.ports, _metrics(start, serving))
        watch.start()
    while True:
        signal.pause()


def _metrics(start: Start, serving: Serving) -> List[str]:
    if start.metrics_port is None or start.metrics_port == start.exposed_port:
        return []
    return ["unix:" + os.path.abspath(serving.metrics_socket), "tcp:127.0.0.1:%d" % start.metrics_port]
