"""Runs `setup()` of an app once, in the warm parent of its revision: forks of it need not.

Only for apps that ask for it, and only if what `setup()` made can be inherited: memory can, but not a
thread, a connection, a device, a child process, or memory that all forks would write to together.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import inspect
import os
import stat
import sys
import tempfile
import time
from typing import Any, Callable, Iterator, List, Optional

from mews_runner import loader, output
from mews_runner.control import Control
from mews_runner.messages import Failure
from mews_runner.prebuilt import captured

STATE = "FAL_RUNNER_STATE"

# Of the log, in bytes; what comes after is cut off.
LONGEST_LOG = 256 * 1024

# Every process may have these open, and each that opens them gets its own.
HARMLESS = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm/")
THREAD_LEAVES = 1.0


def take(function: Callable[..., Any], control: Control, patience: float) -> None:
    """Has the app of a function set up: whoever calls the function finds it so.

    :param patience: seconds after which this process is given up
    :raises Failure: with the reason if there is no such app, or its `setup()` raises
    """
    app = _app(function)
    if app is None:
        raise Failure("setup", "it is no app in a class of the SDK (fal.App), so there is no setup() to run ahead")
    made = app(_allow_init=True)
    began = time.monotonic()
    error: Optional[BaseException] = None
    with _log() as lines, _watched(patience):
        os.environ[STATE] = "SETUP"
        os.chdir(os.environ.get("HOME") or "/")
        try:
            _call(made.setup)
        # The user's code may raise anything.
        except BaseException as e:
            error = e
        finally:
            os.chdir("/")
            os.environ.pop(STATE, None)
    control.set_up(time.monotonic() - began, lines)
    if error is not None:
        reason = "setup() raised %s; a warm parent has no network" % loader.one_line(error)
        raise Failure("setup", reason, loader.trace(error))
    # Does nothing, and unlike a function of ours other processes know it, should the app be pickled.
    made.__dict__["setup"] = bool
    app.__new__ = staticmethod(lambda wanted, *_, **__: made if wanted is app else object.__new__(wanted))


def held() -> str:
    """What forks could not inherit, beyond what no parent may hold; empty if there is nothing."""
    with contextlib.suppress(FileNotFoundError), open("/proc/self/task/%d/children" % os.getpid()) as file:
        if file.read().strip():
            return "setup() left another process running"
    for fd in os.listdir("/proc/self/fd"):
        try:
            mode, target = os.stat("/proc/self/fd/" + fd).st_mode, os.readlink("/proc/self/fd/" + fd)
        except OSError:
            continue
        if int(fd) > 2 and (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and not target.startswith(HARMLESS):
            return "setup() left a device open (%s)" % target
    with open("/proc/self/maps") as file:
        for line in file:
            parts = line.split(None, 5)
            if "w" in parts[1] and "s" in parts[1]:
                return "setup() made memory that its forks would share (%s)" % (parts + [""])[5].strip()
    return ""


def _app(function: Callable[..., Any]) -> Optional[Any]:
    """The SDK's app that it serves."""
    found = [getattr(function, "__self__", None), *captured(function)]
    apps = [each for each in found if isinstance(each, type) and hasattr(each, "collect_routes")]
    return apps[0] if apps else None


def _call(setup: Callable[..., Any]) -> None:
    if not inspect.iscoroutinefunction(setup):
        setup()
        return
    # Not by `asyncio.run`, after which a thread has no event loop by itself any more.
    loop = asyncio.new_event_loop()
    with contextlib.closing(loop):
        loop.run_until_complete(setup())
        loop.run_until_complete(loop.shutdown_asyncgens())


@contextlib.contextmanager
def _log() -> Iterator[List[str]]:
    """What is printed meanwhile, by whatever in this process."""
    lines: List[str] = []
    with tempfile.TemporaryFile() as file:
        own = [os.dup(fd) for fd in (1, 2)]
        for fd in (1, 2):
            os.dup2(file.fileno(), fd)
        try:
            with output.all_labelled():
                yield lines
                output.flush_all()
        finally:
            for fd, before in zip((1, 2), own):
                os.dup2(before, fd)
                os.close(before)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        # Not `splitlines`, for which the mark of a labelled line ends a line too.
        lines += file.read(LONGEST_LOG).decode("utf-8", "backslashreplace").split("\n")
        if size > LONGEST_LOG:
            lines[-1:] = ["(setup() said more than %d kB; the rest is cut off)" % (LONGEST_LOG // 1024)]


@contextlib.contextmanager
def _watched(patience: float) -> Iterator[None]:
    """The end of this process if it takes longer."""
    before = len(os.listdir("/proc/self/task"))
    faulthandler.dump_traceback_later(patience, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        # The kernel takes a moment to forget the thread that watched.
        end = time.monotonic() + THREAD_LEAVES
        while len(os.listdir("/proc/self/task")) > before and time.monotonic() < end:
            time.sleep(0.005)
