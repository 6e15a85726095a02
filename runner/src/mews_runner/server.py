"""Gives uvicorn a Unix socket where fal's SDK asks for a TCP port.

Two apps may then run side by side without network namespaces, and no forwarder stands in the path.
Only servers that the SDK itself makes get one; the user's own keep their ports.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from importlib.machinery import PathFinder
from typing import Any, Callable, Dict, List, Optional, Tuple

from mews_runner import loader, output
from mews_runner.control import Control

HOOKED = "uvicorn.server"
DEFAULT_METRICS_PORT = 9090
LEARN_AFTER = 0.5
METRICS_AFTER = 0.2


class Serving:
    """What became of the SDK's servers in this process."""

    def __init__(self, folder: str) -> None:
        self.control: Any = None
        self.app_socket = os.path.join(folder, "app.sock")
        self.metrics_socket = os.path.join(folder, "metrics.sock")
        self.metrics_port = DEFAULT_METRICS_PORT
        self.began = False
        """the SDK made an app server: a port of the user's own is not awaited any more"""
        self.ready = False
        self.failed = False
        self.make_way: Callable[[], None] = lambda: None
        """called before the SDK's app server takes its socket"""

    def begin(self, control: Control, metrics_port: Optional[int]) -> None:
        """Says for whom it is; the hook may be in place, and have done its work, long before."""
        self.control = control
        self.metrics_port = metrics_port or DEFAULT_METRICS_PORT

    def is_metrics(self, port: object) -> bool:
        # The SDK makes the app's server first.
        return self.began and port == self.metrics_port


class Hook:
    """Finds uvicorn's server module as Python would, and changes it once it is loaded."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != HOOKED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_patch(module: Any) -> None:
                execute(module)
                patch(module.Server, self._serving)

            spec.loader.exec_module = execute_and_patch  # type: ignore[method-assign]
        return spec


def install(serving: Serving) -> None:
    sys.meta_path.insert(0, Hook(serving))  # type: ignore[arg-type]


def patch(server: Any, serving: Serving) -> None:
    make, start, run = server.__init__, server.startup, server.serve

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self._mews_socket = _socket_for(self, sys._getframe(1), serving)
        if self._mews_socket == serving.metrics_socket:
            _end_with_the_app(self)

    async def serve(self: Any, *args: Any, **kwargs: Any) -> None:
        if getattr(self, "_mews_socket", None) == serving.metrics_socket:
            await _let_the_app_go_first()
        await run(self, *args, **kwargs)

    async def startup(self: Any, sockets: Any = None) -> None:
        raised: List[BaseException] = []
        config = self.config
        config.loaded_app = _around(config.loaded_app, config.port, raised)
        path = getattr(self, "_mews_socket", None)
        if path is None or sockets is not None:
            await start(self, sockets=sockets)
        elif path == serving.metrics_socket:
            await start(self, sockets=[_bind(path)])
        else:
            await _start_app(self, start, serving, raised)

    server.__init__ = __init__
    server.startup = startup
    server.serve = serve


async def _let_the_app_go_first() -> None:
    """Nobody waits for numbers of an app that has not served yet, and both share one thread."""
    import asyncio  # which uvicorn did

    await asyncio.sleep(METRICS_AFTER)


def _end_with_the_app(metrics: Any) -> None:
    """Leaves signals to the app's server, which this one would otherwise hold up, or in versions
    before 0.29 even hide them from; the SDK cancels this one in the end."""
    metrics.install_signal_handlers = lambda: None
    metrics.capture_signals = contextlib.nullcontext
    # A cancelled lifespan would be reported as a failure.
    metrics.config.lifespan = "off"


def _socket_for(server: Any, maker: Any, serving: Serving) -> Optional[str]:
    """Which socket a server gets: it is the SDK's by its class, or by who made it."""
    port = server.config.port
    by_class = any(base.__name__ == "FalServer" for base in type(server).__mro__)
    by_maker = str(maker.f_globals.get("__name__", "")).partition(".")[0] == "fal"
    if not by_class and not by_maker:
        return None
    if not by_class and serving.is_metrics(port):
        return serving.metrics_socket
    serving.began = True
    return serving.app_socket


async def _start_app(server: Any, start: Callable[..., Any], serving: Serving, raised: List[BaseException]) -> None:
    control = serving.control
    control.phase("setup")
    set_up = server.lifespan.startup

    async def set_up_and_tell() -> None:
        await set_up()
        control.phase("bind")

    server.lifespan.startup = set_up_and_tell
    serving.make_way()
    try:
        await start(server, sockets=[_bind(serving.app_socket)])
    finally:
        # Newer versions of uvicorn leave by SystemExit, older ones return.
        if not server.started:
            serving.failed = True
            _tell_failure(control, raised)
    if server.started:
        serving.ready = True
        control.ready()
        _tell_imports_later(control)


def _tell_imports_later(control: Control) -> None:
    """The first request, which often is on its way already, imports as well, and must not wait."""
    import asyncio  # which uvicorn did

    asyncio.get_running_loop().call_later(LEARN_AFTER, control.tell_imports)


def _tell_failure(control: Control, raised: List[BaseException]) -> None:
    if raised:
        control.failed("setup", loader.one_line(raised[0]), loader.trace(raised[0]))
    else:
        control.failed("setup", "the server did not start; the log says why", "")


def _bind(path: str) -> socket.socket:
    """Bound but not yet listening: nobody can connect before the app is set up."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.bind(path)
    os.chmod(path, 0o666)
    return bound


def _around(app: Any, port: object, raised: List[BaseException]) -> Any:
    """Labels what is printed during a request, and remembers why a start failed."""

    async def labelled(scope: Dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            try:
                await app(scope, receive, send)
            except BaseException as e:
                raised.append(e)
                raise
            return
        # A Unix socket has no addresses, and applications take them for granted.
        if not scope.get("client"):
            scope["client"] = ("127.0.0.1", 0)
        if not scope.get("server"):
            scope["server"] = ("127.0.0.1", port)
        labels = _labels(scope["headers"])
        token = output.LABELS.set(labels)
        try:
            await app(scope, receive, send)
            # Not where it raised: the HTTP server prints the traceback once this is over.
            output.LABELS.reset(token)
        finally:
            if "fal_request_id" in labels:
                output.flush_request(labels["fal_request_id"])

    return labelled


def _labels(headers: List[Tuple[bytes, bytes]]) -> Dict[str, str]:
    labels = {}
    for given, value in headers:
        # Some websocket protocols hand names on as they came.
        name = given.lower()
        if name == b"x-fal-request-id":
            labels["fal_request_id"] = value.decode("latin-1")
        elif name == b"x-fal-endpoint":
            labels["fal_endpoint"] = value.decode("latin-1")
    return labels
