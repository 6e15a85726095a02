"""Waits for a server of the user's own to listen, and puts a forwarder before it.

The kernel's tables tell who listens; connecting to find out would show up in the server's log.
"""

from __future__ import annotations

import glob
import os
import subprocess
import time
from typing import List, Optional, Set

from mews_runner import background, forwarder, listening, output
from mews_runner.server import Serving

POLL = 0.02
POLL_LATER = 0.2
POLL_SDK = 0.5
EARLY = 10.0


class PortWatch:
    """
    :param own_network: whether every port in here is this app's
    :param expected: whether the app is known to have a server of its own; its forwarder then starts
        together with it
    :param door: ports that listen for the runner, not for the app
    :param sdk: whether the SDK is known to serve it, unless it does something odd
    """

    def __init__(
        self,
        port: int,
        own_network: bool,
        serving: Serving,
        expected: bool,
        door: Set[int],
        sdk: bool = False,
    ) -> None:
        self._port = port
        self._own_network = own_network
        self._serving = serving
        self._before: Set[str] = set() if own_network else listening_on(port)
        self._expected = expected
        self._door = door
        self._first_look = POLL_SDK if sdk else POLL
        self._hinted = False
        self._told: Optional[List[int]] = None
        self._forwarder: "Optional[subprocess.Popen[bytes]]" = None

    def start(self) -> None:
        self._serving.make_way = self._give_up
        if self._expected:
            self._forwarder = self._spawn()
        background.run(self._watch)

    def holder(self) -> Optional[str]:
        """Who held the port before the app was started; None if it was free."""
        if not self._before:
            return None
        owner = owner_of(self._before)
        if owner is None:
            return "another process"
        try:
            with open("/proc/%d/comm" % owner) as file:
                return "process %d (%s)" % (owner, file.read().strip())
        except OSError:
            return "process %d" % owner

    def _watch(self) -> None:
        began = time.monotonic()
        if not self._expected:
            # Apps of the SDK's need none of this, and the time more: a look goes through all connections of the host.
            time.sleep(self._first_look)
        while not self._serving.began:
            if self._listens():
                self._forward()
                return
            early = time.monotonic() - began < EARLY
            if self._expected or not early:
                self._tell_others(early)
            time.sleep(POLL if early else POLL_LATER)

    def _tell_others(self, early: bool) -> None:
        """Says where the app listens instead: to the server at once, in the log once and not too soon."""
        if not self._own_network:
            return
        others = sorted(set(listening.ports()) - self._door)
        # An app of the SDK's may just take its time: that it listens nowhere yet means nothing.
        if others != self._told and (others or self._expected):
            self._told = others
            self._serving.control.elsewhere(others)
        if others and not early and not self._hinted:
            self._hinted = True
            output.say(
                "warning",
                "nothing listens on exposed_port %d, but something does on %s"
                % (self._port, ", ".join(str(port) for port in others)),
            )

    def _listens(self) -> bool:
        found = listening_on(self._port) - self._before
        if not found or self._own_network:
            return bool(found)
        owner = owner_of(found)
        return owner is not None and is_ours(owner)

    def _forward(self) -> None:
        self._serving.control.phase("bind")
        try:
            if self._forwarder is None:
                self._forwarder = self._spawn()
            forwarder.await_listening(self._forwarder)
        except OSError as e:
            output.say("error", "nothing can be forwarded to port %d: %s" % (self._port, e))
            return
        self._serving.ready = True
        self._serving.control.ready()
        self._serving.control.tell_imports()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        return forwarder.spawn(["unix:" + self._serving.app_socket, "tcp:127.0.0.1:%d" % self._port])

    def _give_up(self) -> None:
        """The SDK serves after all, at the same socket."""
        if self._forwarder is not None:
            self._forwarder.kill()
            self._forwarder.wait()


def listening_on(port: int) -> Set[str]:
    return listening.ports().get(port, set())


def owner_of(inodes: Set[str]) -> Optional[int]:
    """A process that holds one of these sockets; None if none can be seen."""
    names = {"socket:[%s]" % inode for inode in inodes}
    for link in glob.iglob("/proc/[0-9]*/fd/*"):
        try:
            if os.readlink(link) in names:
                return int(link.split("/")[2])
        except OSError:
            continue
    return None


def is_ours(process: int) -> bool:
    """Whether it is this process or descends from it."""
    own = os.getpid()
    while process > 1:
        if process == own:
            return True
        try:
            with open("/proc/%d/stat" % process) as file:
                process = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return False
    return process == own
