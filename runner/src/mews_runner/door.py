"""Lets the app reach the server by the addresses that the developer knows it by.

Most apps never do; listening costs nothing, and a forwarder is started at the first connection.
"""

from __future__ import annotations

import os
import select
import socket
import threading
from typing import List

from mews_runner import forwarder, output


def open_door(authorities: List[str], folder: str) -> None:
    listeners = [found for found in (_listen(authority) for authority in authorities) if found]
    if listeners:
        threading.Thread(target=_keep, args=(listeners, folder), name="mews-door", daemon=True).start()


def _listen(authority: str) -> "socket.socket | None":
    host, _, port = authority.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host
    # Only loopback is ours in here; other addresses lead out of the sandbox.
    if not host.startswith("127.") or not port.isdigit():
        return None
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
        listener.listen(128)
    except OSError as e:
        listener.close()
        output.say("warning", "the server cannot be reached at %s from here: %s" % (authority, e))
        return None
    return listener


def _keep(listeners: List[socket.socket], folder: str) -> None:
    select.select(listeners, [], [])
    target = "unix:" + os.path.join(folder, "door.sock")
    pairs = [text for listener in listeners for text in ("fd:%d" % listener.fileno(), target)]
    try:
        process = forwarder.start(pairs, [listener.fileno() for listener in listeners])
    except OSError as e:
        output.say("error", "the way to the server cannot be opened: %s" % e)
        return
    for listener in listeners:
        listener.close()
    process.wait()
