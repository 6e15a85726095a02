"""Brings the user's code into this process."""

from __future__ import annotations

import importlib
import os
import site
import sys
import traceback
from typing import Any, Callable, Optional

from mews_runner.messages import Failure, Start

# What an SDK app imports while it is decoded and, in the last lines, only when it starts to serve.
EARLY = (
    "fastapi",
    "uvicorn",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "uvicorn.lifespan.on",
    "starlette_exporter",
)


def prepare(start: Start) -> None:
    """Sets variables, module path and working folder."""
    os.environ.update(start.env)
    os.environ.pop("MEWS_RUNNER_DIR", None)
    folders = start.paths + start.support
    os.environ["PYTHONPATH"] = os.pathsep.join(folders)
    for folder in folders:
        # As for a virtual environment: after the standard library, and with its .pth files.
        try:
            site.addsitedir(folder)
        except Exception:
            traceback.print_exc()
    try:
        os.chdir(start.workdir)
    except OSError as e:
        raise Failure("load", "its working folder cannot be entered: %s" % e)


def import_early(start: Start) -> None:
    """Imports what the app is known to import later, so that it is not paid for after `setup()`."""
    if start.kind == "entrypoint":
        wanted = [name for name in EARLY if start.exposed_port is not None]
    else:
        # Names of modules stand in the payload as they are.
        wanted = [name for name in EARLY if name.partition(".")[0].encode() in start.function]
    for name in wanted:
        try:
            importlib.import_module(name)
        except Exception:
            return  # whoever really needs it says so better


def load(start: Start) -> Callable[..., Any]:
    """The function to call."""
    if start.kind == "entrypoint":
        return _resolve(start.entrypoint or "")
    return _decode(start.method, start.function, "function")


def load_setup(start: Start) -> Optional[Callable[..., Any]]:
    return None if start.setup is None else _decode(start.method, start.setup, "setup function")


def backend(method: str) -> Any:
    """The module that decodes and encodes."""
    try:
        module = importlib.import_module(method)
    except ImportError as e:
        raise Failure("load", "the module %r that decodes it cannot be imported: %s" % (method, e), trace(e))
    if not hasattr(module, "loads") or not hasattr(module, "dumps"):
        raise Failure("load", "the module %r has no loads and dumps" % method)
    return module


def trace(error: BaseException) -> str:
    """The traceback of an exception without the frames of the runner itself."""
    return "".join(traceback.format_exception(type(error), error, strip(error)))


def strip(error: BaseException) -> Any:
    """The traceback object from the user's first frame on."""
    ours = (os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.__file__) + "/asyncio")
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(ours):
        frames = frames.tb_next
    return frames


def real(error: BaseException) -> BaseException:
    """The user's exception inside the SDK's wrapping."""
    while type(error).__name__ == "UserFunctionException" and error.__cause__ is not None:
        error = error.__cause__
    return error


def one_line(error: BaseException) -> str:
    error = real(error)
    text = str(error).strip().partition("\n")[0]
    name = type(error).__name__
    return "%s: %s" % (name, text) if text else name


def _decode(method: str, payload: bytes, what: str) -> Callable[..., Any]:
    module = backend(method)
    try:
        function = module.loads(payload)
    # Decoding runs the user's code, which may raise anything.
    except BaseException as e:
        raise Failure("load", "the %s cannot be decoded: %s" % (what, one_line(e)), trace(e))
    return _callable(function, what)


def _resolve(entrypoint: str) -> Callable[..., Any]:
    name, colon, attributes = entrypoint.partition(":")
    if not name or not attributes or ":" in attributes:
        raise Failure("load", "the entry point %r is not of the form 'module:symbol'" % entrypoint)
    try:
        found: Any = importlib.import_module(name)
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except BaseException as e:
        raise Failure("load", "the entry point %r cannot be found: %s" % (entrypoint, one_line(e)), trace(e))
    return _callable(found, "entry point")


def _callable(found: Any, what: str) -> Callable[..., Any]:
    if not callable(found):
        raise Failure("load", "the %s is not callable, it is of type %s" % (what, type(found).__name__))
    return found
