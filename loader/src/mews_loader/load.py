"""From a request to the document that is sent back."""

from __future__ import annotations

import platform
import sys
from typing import Any

from . import errors, options, wanted


def document(request: dict[str, Any]) -> dict[str, Any]:
    """Never raises: whatever the user's file does becomes an error document."""
    try:
        running = "%d.%d" % sys.version_info[:2]
        asked = wanted.literal_version(request["file"], request["symbol"])
        check_version(asked, running)
        return {"ok": True, **loaded(request, running)}
    except errors.Told as told:
        return {"ok": False, "error": told.error}
    except BaseException as exc:  # SystemExit and KeyboardInterrupt of the user's file too
        return {"ok": False, "error": errors.explain(exc, request)}


def check_version(asked: str | None, running: str) -> None:
    if asked is not None and asked != running:
        raise errors.Told(
            kind="python_version",
            message=f"the app asks for Python {asked}, this is {running}",
            wanted=asked,
        )


def loaded(request: dict[str, Any], running: str) -> dict[str, Any]:
    from . import capture  # needs the SDK, whose import may fail

    found, module = capture.load(request, options.build(request.get("options")))
    asked = found.function.options.environment.get("python_version")
    check_version(minor(asked), running)
    return {
        "python": platform.python_version(),
        "symbol": found.class_name,
        "name": found.app_name,
        "auth": found.app_auth,
        "endpoints": list(found.function.endpoints),
        **capture.requests(request, found, module),
    }


def minor(version: str | None) -> str | None:
    return None if version is None else ".".join(str(version).split(".")[:2])
