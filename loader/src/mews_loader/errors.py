"""What went wrong, in words that name the user's line and the remedy."""

from __future__ import annotations

import inspect
import os
import traceback
from typing import Any

# Where the name that is imported is not the name that is installed.
INSTALLED_AS = {
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "google.protobuf": "protobuf",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}


class Told(Exception):
    """An error that is already explained."""

    def __init__(self, **error: Any) -> None:
        super().__init__(error["message"])
        self.error = error


def explain(exc: BaseException, request: dict[str, Any]) -> dict[str, Any]:
    frames, text = of_user(exc, request["file"])
    place = at(frames[-1].filename, frames[-1].lineno, request) if frames else None
    error: dict[str, Any] = {"at": place, "traceback": text}
    if isinstance(exc, SyntaxError):
        where = at(exc.filename or request["file"], exc.lineno, request)
        line = f": {exc.text.strip()}" if exc.text else ""
        return {**error, "kind": "syntax", "at": where, "message": f"{where}: {exc.msg}{line}"}
    if isinstance(exc, ModuleNotFoundError) and exc.name and frames:
        return {**error, "kind": "missing_import", "module": exc.name, "message": missing(exc, place, request)}
    if isinstance(exc, SystemExit):
        return {**error, "kind": "raised", "message": f"{place or short(request)} ended with exit({exc.code!r}) while it was loaded"}
    said = "".join(traceback.format_exception_only(type(exc), exc)).strip()
    return {**error, "kind": "raised", "message": f"{place or short(request)}: {said}"}


def not_loadable(exc: Exception, request: dict[str, Any], module: dict[str, object]) -> Exception:
    """For the SDK's own refusals: which names the file would have had."""
    if not module:
        return exc
    names = candidates(module)
    symbol = request["symbol"]
    having = f"it has: {', '.join(names)}" if names else "it has no fal.App class and no @fal.function"
    if symbol is None:
        message = f"{short(request)} does not say which app to run; {having}"
        if names:
            message += f". Name one: {short(request)}::{names[0]}"
    elif symbol in module:
        message = f"'{symbol}' in {short(request)} is neither a fal.App class nor a @fal.function; {having}"
    else:
        message = f"no '{symbol}' in {short(request)}; {having}"
    meant = symbol or (names[0] if len(names) == 1 else None)
    if meant in names:
        message = f"{short(request)}::{meant}: {exc}"
    return Told(kind="not_found", message=message, candidates=names)


def candidates(module: dict[str, object]) -> list[str]:
    import fal
    from fal.api import IsolatedFunction

    return [
        name
        for name, value in module.items()
        if isinstance(value, IsolatedFunction)
        or (isinstance(value, type) and issubclass(value, fal.App) and value is not fal.App)
    ]


def missing(exc: ModuleNotFoundError, place: str | None, request: dict[str, Any]) -> str:
    name = str(exc.name)
    top = name.partition(".")[0]
    folder = os.path.dirname(request["file"])
    beside = [path for path in (os.path.join(folder, top + ".py"), os.path.join(folder, top)) if os.path.exists(path)]
    if beside:
        return (
            f"{place}: no module '{name}'; {beside[0]} lies beside the app, but imports start from the working "
            f"folder {os.getcwd()}. Run from {folder}, and name it in app_files so that runners have it too"
        )
    package = INSTALLED_AS.get(name, INSTALLED_AS.get(top, top))
    where = request.get("environment") or "no virtual environment is active, and the project has none"
    return (
        f"{place}: no module '{name}' on this machine ({where}). Install it there (pip install {package}), or "
        f"import it inside setup() or the function that uses it, where the runner's requirements are at hand"
    )


def not_serializable(
    exc: BaseException, request: dict[str, Any], symbol: str | None, module: dict[str, object]
) -> Exception:
    cause = exc.__cause__ or exc
    guilty = ", ".join(f"'{name}' ({type(module[name]).__name__})" for name in culprits(symbol, module))
    what = f"It refers to {guilty}, which has" if guilty else "Something it refers to at module level has"
    return Told(
        kind="not_serializable",
        message=(
            f"{short(request)}: {symbol or 'the app'} cannot be sent to a runner: {cause}. {what} no serialized "
            f"form; create it inside setup() or the function instead"
        ),
    )


def culprits(symbol: str | None, module: dict[str, object]) -> list[str]:
    """The names of the file that the app uses and that cannot be pickled, each tried by itself."""
    import cloudpickle

    found = []
    for name in sorted(used(module.get(symbol or ""), module)):
        try:
            cloudpickle.dumps(module[name])
        except Exception:
            found.append(name)
    return found


def used(target: Any, module: dict[str, object]) -> set[str]:
    """Module-level names in the code of a function, or of a class's methods, and of what those use."""
    from fal.api import IsolatedFunction

    names: set[str] = set()
    todo = [target.raw_func if isinstance(target, IsolatedFunction) else target]
    while todo:
        thing = todo.pop()
        members = list(vars(thing).values()) if isinstance(thing, type) else [thing]
        for code in [inspect.unwrap(member).__code__ for member in members if inspect.isfunction(member)]:
            fresh = {name for name in code.co_names if name in module} - names
            names |= fresh
            todo.extend(module[name] for name in fresh if inspect.isfunction(module[name]))
    return names


def of_user(exc: BaseException, file: str) -> tuple[list[traceback.FrameSummary], str]:
    """The frames from the user's file on, and their traceback as text."""
    told = traceback.TracebackException.from_exception(exc)
    frames = list(told.stack)
    first = next((i for i, frame in enumerate(frames) if same(frame.filename, file)), None)
    if first is None:
        return [], "".join(told.format())
    for _ in range(first):
        told.stack.pop(0)
    mine = [frame for frame in told.stack if same(frame.filename, file)]
    deepest = last_of_project(list(told.stack), file) or mine
    return deepest, "".join(told.format())


def last_of_project(frames: list[traceback.FrameSummary], file: str) -> list[traceback.FrameSummary]:
    """Up to the last frame in the user's own files: the ones below the folder of the app or of the work."""
    roots = (os.path.dirname(file) + os.sep, os.getcwd() + os.sep)
    inside = [
        i
        for i, frame in enumerate(frames)
        if os.path.abspath(frame.filename).startswith(roots) and "site-packages" not in frame.filename
    ]
    return frames[: inside[-1] + 1] if inside else []


def same(left: str, right: str) -> bool:
    return os.path.abspath(left) == os.path.abspath(right)


def at(file: str, line: int | None, request: dict[str, Any]) -> str:
    return f"{relative(file)}:{line or 1}"


def short(request: dict[str, Any]) -> str:
    return relative(request["file"])


def relative(file: str) -> str:
    below = os.path.relpath(file)
    return file if below.startswith("..") else below


