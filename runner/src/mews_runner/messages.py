"""What the server and the runner say to each other: JSON objects, one per line."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional


@dataclass(frozen=True)
class Start:
    """The server's first message: what to run, and with what."""

    kind: str
    """`pickle` or `entrypoint`"""
    method: str
    """import name of the module that decodes the function and encodes its result"""
    function: bytes
    setup: Optional[bytes]
    """a function whose result is the first argument of the other"""
    entrypoint: Optional[str]
    """`module:symbol.method`"""
    env: Dict[str, str] = field(repr=False)
    paths: List[str]
    """folders of packages, the user's, the newest first"""
    support: List[str]
    """folders of packages that come after the user's"""
    workdir: str
    exposed_port: Optional[int]
    metrics_port: Optional[int]
    job: bool
    """whether the result of the function is wanted"""
    grace: float
    """seconds from a stop to a hard exit"""
    main_thread: Optional[bool]
    """whether the function runs inside an event loop; None: the function itself says"""
    door: List[str]
    """`host:port` of the server, to be answered in here and led out"""
    own_network: bool
    """whether every listening port in here is this runner's"""

    @staticmethod
    def parse(message: Dict[str, Any]) -> "Start":
        if message.get("type") != "start":
            raise ValueError("the first message must be 'start', got %r" % message.get("type"))
        return Start(
            kind=message["kind"],
            method=message.get("method") or "cloudpickle",
            function=base64.b64decode(message.get("function") or ""),
            setup=_bytes(message.get("setup")),
            entrypoint=message.get("entrypoint"),
            env=message.get("env") or {},
            paths=message.get("paths") or [],
            support=message.get("support") or [],
            workdir=message["workdir"],
            exposed_port=message.get("exposed_port"),
            metrics_port=message.get("metrics_port"),
            job=bool(message.get("job")),
            grace=float(message.get("grace", 5)),
            main_thread=message.get("main_thread"),
            door=message.get("door") or [],
            own_network=bool(message.get("own_network")),
        )


@dataclass(frozen=True)
class Warm:
    """The server's first message to a warm parent: what to import, or which callable to decode."""

    env: Dict[str, str] = field(repr=False)
    paths: List[str]
    support: List[str]
    modules: List[str]
    """what earlier runners had imported, in their order"""
    kind: str
    method: str
    function: bytes
    entrypoint: Optional[str]
    set_up: Optional[float]
    """whether the app is to be set up too, and after how many seconds it is given up"""

    @staticmethod
    def parse(message: Dict[str, Any]) -> "Warm":
        if message.get("type") != "warm":
            raise ValueError("the first message must be 'warm', got %r" % message.get("type"))
        return Warm(
            env=message.get("env") or {},
            paths=message.get("paths") or [],
            support=message.get("support") or [],
            modules=message.get("modules") or [],
            kind=message.get("kind") or "pickle",
            method=message.get("method") or "cloudpickle",
            function=base64.b64decode(message.get("function") or ""),
            entrypoint=message.get("entrypoint"),
            set_up=message.get("set_up"),
        )


@dataclass(frozen=True)
class Outcome:
    """How a function ended."""

    value: Any
    """what it returned, or the exception that it raised"""
    raised: bool
    traceback: Optional[str]


class Failure(Exception):
    """The runner cannot go on; the message is one line for the owner of the app."""

    def __init__(self, phase: str, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.phase = phase
        self.message = message
        self.traceback = traceback


def _bytes(text: Optional[str]) -> Optional[bytes]:
    return None if text is None else base64.b64decode(text)
