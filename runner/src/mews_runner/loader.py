"""Brings the user's code into this process."""

from __future__ import annotations

import importlib
import os
import site
import sys
import time
import traceback
from typing import Any, Callable, Iterable, List, Optional, Sequence, Union

from mews_runner.messages import Failure, Start, Warm

# What an SDK app imports while it is decoded and, in the last lines, only when it starts to serve or
# at its first request.
EARLY = (
    "fastapi",
    "uvicorn",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "uvicorn.lifespan.on",
    "starlette_exporter",
    "anyio._backends._asyncio",
)

# Modules whose distribution has another name.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
LONGEST = 500


def prepare(start: Start, known: Sequence[str] = ()) -> None:
    """Sets variables, module path and working folder.

    :param known: folders of packages that are on the path already
    """
    os.environ.update(start.env)
    os.environ.pop("MEWS_RUNNER_DIR", None)
    time.tzset()
    folders = start.paths + start.support
    if folders == list(known):
        _show_packages_to_children(folders, start.env.get("PYTHONPATH"))
    else:
        find_packages(folders)
    try:
        os.chdir(start.workdir)
    except OSError as e:
        raise Failure("load", "its working folder cannot be entered: %s" % e)


def find_packages(folders: List[str]) -> None:
    """Puts folders of packages on the path."""
    _show_packages_to_children(folders, os.environ.get("PYTHONPATH"))
    for folder in folders:
        # As for a virtual environment: after the standard library, and with its .pth files.
        try:
            site.addsitedir(folder)
        except Exception:
            traceback.print_exc()


def _show_packages_to_children(folders: List[str], own: Optional[str]) -> None:
    """For Python processes that the app starts; a variable of its own comes after."""
    os.environ["PYTHONPATH"] = os.pathsep.join(folders + ([own] if own else []))


def expects_own_server(start: Start, function: Any) -> bool:
    """Whether it is sure that the function, if it serves, does so without the SDK."""
    if start.kind != "pickle" or getattr(function, "_fal_local_app", False):
        return False
    return not hasattr(getattr(function, "__wrapped__", None), "collect_routes")


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


def imported(folders: List[str], known: Iterable[str]) -> List[str]:
    """Names of the modules that came from the environment or the standard library, in the order of
    their import, but for `known`. The user's own code is not among them."""
    places = tuple(folder.rstrip("/") + "/" for folder in [*folders, os.path.dirname(os.__file__)])
    before, found = frozenset(known), []
    for name, module in list(sys.modules.items()):
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        own = name == "__main__" or name.partition(".")[0] == "mews_runner"
        if not own and name not in before and isinstance(origin, str) and origin.startswith(places):
            found.append(name)
    return found


def load(start: "Union[Start, Warm]") -> Callable[..., Any]:
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
    """Such as `ValueError: no weights`, with what to do about it if that is known."""
    error = real(error)
    try:
        text = str(error).strip().partition("\n")[0][:LONGEST]
    except Exception:  # the user's own __str__
        text = ""
    name = type(error).__name__
    line = "%s: %s" % (name, text) if text else name
    hint = _hint(error)
    return "%s (%s)" % (line, hint) if hint else line


def _hint(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        module = error.name.partition(".")[0]
        if module in DISTRIBUTIONS:
            return "add %s to requirements" % DISTRIBUTIONS[module]
        if module not in sys.modules:
            return "add it to requirements, or to local_python_modules if it is your own"
    if isinstance(error, TypeError) and str(error).startswith("code() "):
        return "it was made by another Python version; set python_version"
    return ""


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
