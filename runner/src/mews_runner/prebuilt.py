"""The web app of an SDK app, built before anyone asks for it.

The SDK builds it whenever the app begins to serve, as it did when the app was deployed: routes, models,
middleware. None of that is code of the user's, so a parent of a revision does it once, and a fork that begins
to serve is given what its parent built.
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Dict, List, Optional, Sequence

from mews_runner import rehearsal

SDK = "fal"
# Of an app class; where one is the user's own, building the app would run the user's code.
STEPS = ("__new__", "__init__", "collect_routes", "_build_app", "_add_extra_middlewares", "_add_extra_routes")
# Of an answer to a request for nothing.
ANSWER = ("provide_hints",)
UNKNOWN = "/-/rehearsal"


class Prebuilt:
    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._made = kind(_allow_init=True)
        self._app = self._made._build_app()

    @staticmethod
    def of(function: Any) -> "Optional[Prebuilt]":
        """
        :return: None if it serves no app of the SDK's, or building that would run the user's code
        """
        for found in captured(function):
            with rehearsal.quiet(), contextlib.suppress(Exception):
                if isinstance(found, type) and hasattr(found, "_build_app") and _is_the_sdks(found, STEPS):
                    return Prebuilt(found)
        return None

    def rehearse(self) -> None:
        """Has the app say that there is nothing at a path which it does not know."""
        with rehearsal.quiet(), contextlib.suppress(Exception):
            if _is_the_sdks(self._kind, ANSWER):
                rehearsal.in_loop(_ask_for_nothing(self._app))

    def hand_out(self) -> None:
        """Whoever makes an instance of the app next gets this one, which has its web app; once, for an app may
        make more of them."""
        if self._kind.__new__ is not object.__new__ or not hasattr(self._made, "__dict__"):
            return
        kind, waiting = self._kind, [self._made]

        # Stays when it is used up: a class from which `__new__` was taken away refuses arguments.
        def __new__(wanted: Any, *_: Any, **__: Any) -> Any:
            return waiting.pop() if wanted is kind and waiting else object.__new__(wanted)

        kind.__new__ = staticmethod(__new__)
        self._made.__dict__["_build_app"] = self._take

    def _take(self) -> Any:
        del self._made.__dict__["_build_app"]
        return self._app


def captured(function: Any) -> List[Any]:
    """What the function that serves was made around; the SDK's app is among it."""
    found = []
    for cell in getattr(getattr(function, "__wrapped__", None), "__closure__", None) or ():
        with contextlib.suppress(ValueError):
            found.append(cell.cell_contents)
    return found


async def _ask_for_nothing(app: Any) -> None:
    import asyncio

    async def receive() -> Dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        return await asyncio.get_running_loop().create_future()

    async def send(message: Dict[str, Any]) -> None:
        pass

    asked: List[bool] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": UNKNOWN,
        "raw_path": UNKNOWN.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
        "state": {},
    }
    # Some endpoints take every path.
    if not any(route.matches(dict(scope))[0].value for route in app.routes):
        await app(scope, receive, send)


def _is_the_sdks(found: type, steps: Sequence[str]) -> bool:
    makers: List[Callable[..., Any]] = [getattr(found, step, object) for step in steps]
    return all(
        maker is object.__new__ or str(getattr(maker, "__module__", "")).partition(".")[0] == SDK for maker in makers
    )
