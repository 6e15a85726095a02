"""What a warm parent goes through once, so that its forks do not each do it for the first time.

Python specializes code, compiles patterns and fills caches as it runs; a fork finds that done. No line
of the user's runs here, nothing is kept but caches, and any of it may fail: what counts is done anew.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
from typing import Any, Dict, List, Sequence

REQUEST = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    b"Connection: close\r\n\r\n{}"
)
PATIENCE = 10.0


def remember_packages(folders: List[str]) -> None:
    """The SDK asks each package for its name and version at every start. Folders of packages never
    change, so forks need not read them."""
    from importlib import metadata

    read = metadata.Distribution.metadata.fget  # type: ignore[attr-defined]
    known: Dict[str, Any] = {}
    for package in metadata.distributions(path=folders):
        with contextlib.suppress(Exception):
            known[str(package._path)] = read(package)  # type: ignore[attr-defined]

    def described(self: Any) -> Any:
        found = known.get(str(self._path))
        return read(self) if found is None else found

    metadata.PathDistribution.metadata = property(described)  # type: ignore[assignment,method-assign]


def serve(threads: bool = False) -> None:
    """Serves one request of an app like those that the SDK makes.

    :param threads: whether the endpoint may be a plain function, as most are; its thread ends with the event loop
    """
    if not {"asyncio", "fastapi", "uvicorn"} <= sys.modules.keys():
        return
    ours, theirs = socket.socketpair()
    with ours, theirs, quiet(), contextlib.suppress(Exception):
        in_loop(_serve(_app(threads), ours, theirs))


def in_loop(work: Any) -> None:
    """Not by `asyncio.run`, after which a thread has no event loop by itself any more."""
    import asyncio

    loop = asyncio.new_event_loop()
    with contextlib.closing(loop):
        try:
            loop.run_until_complete(asyncio.wait_for(work, PATIENCE))
        finally:
            loop.run_until_complete(_end_all())


async def _end_all() -> None:
    import asyncio

    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _serve(app: Any, ours: socket.socket, theirs: socket.socket) -> None:
    import asyncio

    import uvicorn

    config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    lifespan = config.lifespan_class(config)
    await lifespan.startup()
    theirs.setblocking(False)
    ours.setblocking(False)
    loop = asyncio.get_running_loop()
    # Earlier versions of uvicorn know no state of an app.
    state = {"app_state": lifespan.state} if hasattr(lifespan, "state") else {}
    await loop.connect_accepted_socket(
        lambda: config.http_protocol_class(config=config, server_state=server.server_state, **state), theirs
    )
    await loop.sock_sendall(ours, REQUEST)
    while await loop.sock_recv(ours, 65536):
        pass
    await lifespan.shutdown()


def _app(threads: bool) -> Any:
    from fastapi import FastAPI
    from fastapi.middleware.cors import CORSMiddleware
    from pydantic import BaseModel

    class Input(BaseModel):
        name: str = ""

    async def answer(input: Input) -> dict:  # type: ignore[type-arg]
        return {"message": input.name}

    def answer_in_a_thread(input: Input) -> dict:  # type: ignore[type-arg]
        return {"message": input.name}

    async def passed_on(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    endpoint = answer_in_a_thread if threads else answer
    endpoint.__annotations__["input"] = Input
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=("*",), allow_methods=("*",), allow_headers=("*",))
    for _ in range(2):
        app.middleware("http")(passed_on)
    app.add_api_route("/", endpoint, methods=["POST"])
    return app


def begin() -> None:
    """Goes through what the SDK does between being called and serving, in a fork that waits: what is written to
    then is its own already. What it sets, the SDK sets again."""
    if "uvicorn" not in sys.modules:
        return
    from importlib import metadata

    with quiet(), contextlib.suppress(Exception):
        import uvicorn

        uvicorn.Config(lambda scope: None, host="0.0.0.0", port=0, lifespan="on").load()
        for package in metadata.distributions():
            _ = package.metadata["Name"], package.version


@contextlib.contextmanager
def quiet() -> Any:
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)
