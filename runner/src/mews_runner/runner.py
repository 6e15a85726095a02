"""The order of things: connect, load, set up, run or serve, tell how it ended."""

from __future__ import annotations

import atexit
import errno
import faulthandler
import gc
import inspect
import os
import sys
import time
from typing import Any, Callable, FrozenSet, List, Optional, Tuple

from mews_runner import fresh, loader, output, rehearsal, server
from mews_runner.control import Control
from mews_runner.door import Door
from mews_runner.exceptions import Travellers
from mews_runner.lifeline import Lifeline
from mews_runner.messages import Failure, Outcome, Start
from mews_runner.ports import PortWatch
from mews_runner.prebuilt import Prebuilt

# Where a sandbox shows the runner its own sockets.
RUNNER_FOLDER = "/run/mews"

# Who is forked for a request hears earlier, in seconds.
AHEAD_AFTER = 0.1


class Warmth:
    """What a fork finds done."""

    def __init__(self, serving: "server.Serving") -> None:
        self.serving = serving
        self.folders: List[str] = []
        """folders of packages that are on the module path"""
        self.modules: FrozenSet[str] = frozenset()
        self.payload: Optional[bytes] = None
        """the callable as it was sent"""
        self.function: Optional[Callable[..., Any]] = None
        """the same, decoded"""
        self.exceptions = Travellers()
        self.prebuilt: Optional[Prebuilt] = None
        """the web app of the function"""
        self.set_up = False
        """whether its app has been set up"""


def main(first_line: float, warmth: Optional[Warmth] = None) -> int:
    """
    :param warmth: given in a fork of a warm parent
    """
    folder = RUNNER_FOLDER if warmth else os.environ["MEWS_RUNNER_DIR"]
    lifeline = Lifeline()
    _leave_terminal()
    if warmth is None:
        output.install()
    else:
        fresh.renew()
    faulthandler.enable(file=2, all_threads=False)
    control = Control(folder)
    control.hello(first_line, None if warmth else _process_began(first_line))
    lifeline.watch()
    if warmth is not None:
        _use_the_wait(control, warmth)
    start = control.start()
    if start is None:
        return 1
    lifeline.grace(start.grace)
    control.watch(lifeline.stop, lifeline.gone)
    try:
        code = Work(start, control, folder, warmth).run()
    except Failure as e:
        if e.traceback:
            print(e.traceback, file=sys.stderr, end="")
        control.failed(e.phase, e.message, e.traceback)
        code = 1
    # The process ends without waiting for threads, but libraries that send what they gathered
    # when it ends must get to do so.
    atexit._run_exitfuncs()
    output.flush_all()
    control.bye()
    return code


def _use_the_wait(control: Control, warmth: Warmth) -> None:
    """A fork made ahead has time to make its own what it shares with its parent until it is written to."""
    steps: List[Callable[[], None]] = [lambda: rehearsal.serve(threads=True)]
    if warmth.set_up or warmth.prebuilt is not None:
        steps.append(rehearsal.begin)
    if warmth.prebuilt is not None:
        steps.append(warmth.prebuilt.rehearse)
    for step in steps:
        if control.hears_within(AHEAD_AFTER):
            return
        step()


class Work:
    """One runner's task."""

    def __init__(self, start: Start, control: Control, folder: str, warmth: Optional[Warmth]) -> None:
        self._start = start
        self._control = control
        self._folder = folder
        self._warmth = warmth or Warmth(server.Serving(folder))
        if warmth is None:
            server.install(self._warmth.serving)
        self._serving = self._warmth.serving
        self._serving.begin(control, start.metrics_port)
        self._ports: Optional[PortWatch] = None
        self._seen = len(self._warmth.modules)

    def run(self) -> int:
        start = self._start
        # Imports make much and leave little garbage; looking for it takes a fifth of the start.
        usual = gc.get_threshold()
        gc.set_threshold(0)
        loader.prepare(start, self._warmth.folders)
        door = Door.open(start.door, self._folder)
        self._control.phase("imports")
        loader.import_early(start)
        self._control.phase("load")
        function = self._function()
        self._control.imports = self._imports
        _collect_again(usual)
        arguments = self._arguments()
        if isinstance(arguments, Outcome):
            return self._tell(arguments, "setup")
        self._begin_to_listen(function, door)
        return self._tell(self._call(function, arguments), "serve")

    def _function(self) -> Callable[..., Any]:
        if self._warmth.function is not None and self._start.function in (b"", self._warmth.payload):
            if self._warmth.prebuilt is not None:
                self._warmth.prebuilt.hand_out()
            return self._warmth.function
        return loader.load(self._start)

    def _imports(self) -> List[str]:
        """What a warm parent could have imported for this app, but had not, since it was asked last."""
        self._warmth.exceptions.settle()
        if len(sys.modules) == self._seen:
            return []
        self._seen = len(sys.modules)
        found = loader.imported(self._start.paths + self._start.support, self._warmth.modules)
        self._warmth.modules |= frozenset(found)
        return found

    def _arguments(self) -> Any:
        """What the setup function made, or how it failed."""
        function = loader.load_setup(self._start)
        if function is None:
            return []
        self._control.phase("setup")
        outcome = invoke(function, [], _wants_loop(function, None))
        return outcome if outcome.raised else [outcome.value]

    def _begin_to_listen(self, function: Callable[..., Any], door: Door) -> None:
        port = self._start.exposed_port
        if port is None:
            # Nothing to wait for: it is ready as soon as it runs.
            self._control.ready()
            self._control.tell_imports()
            return
        expected = loader.expects_own_server(self._start, function)
        if expected:
            door.leave(port)
            self._control.phase("setup")
        sdk = self._warmth.prebuilt is not None
        self._ports = PortWatch(port, self._start.own_network, self._serving, expected, door.ports, sdk)
        self._ports.start()

    def _call(self, function: Callable[..., Any], arguments: List[Any]) -> Outcome:
        in_loop = self._start.kind != "entrypoint" and _wants_loop(function, self._start.main_thread)
        return invoke(function, arguments, in_loop)

    def _tell(self, outcome: Outcome, phase: str) -> int:
        if self._serving.failed:
            return 1
        if self._start.job:
            self._send(outcome)
            return 0
        if not outcome.raised:
            self._control.result(self._start.method, b"", False, None)
            return 0
        if outcome.traceback and not isinstance(outcome.value, SystemExit):
            print(outcome.traceback, file=sys.stderr, end="")
        busy = self._busy_port(outcome.value)
        if busy is not None:
            self._control.failed(phase, busy, outcome.traceback or "")
        elif isinstance(outcome.value, SystemExit):
            return _exit_code(outcome.value)
        else:
            self._control.failed(phase, loader.one_line(outcome.value), outcome.traceback or "")
        return 1

    def _busy_port(self, error: BaseException) -> Optional[str]:
        """The reason if the app could not listen because somebody else does."""
        holder = self._ports.holder() if self._ports is not None and not self._serving.ready else None
        busy = isinstance(error, SystemExit) or getattr(loader.real(error), "errno", None) == errno.EADDRINUSE
        if holder is None or not busy:
            return None
        return (
            "port %s is held by %s; without network namespaces only one own server per machine can "
            "listen on it" % (self._start.exposed_port, holder)
        )

    def _send(self, outcome: Outcome) -> None:
        self._warmth.exceptions.settle()
        backend = loader.backend(self._start.method)
        value = outcome.value
        if outcome.raised:
            value.__traceback__ = loader.strip(value)
            _let_tracebacks_travel(value)
        try:
            definition = backend.dumps(value)
        # Encoding runs the user's code, which may raise anything.
        except BaseException as e:
            if outcome.traceback:
                print(outcome.traceback, file=sys.stderr, end="")
            what = "raised an exception" if outcome.raised else "returned a value"
            raise Failure(
                "result",
                "the function %s of type %s, which cannot be pickled: %s"
                % (what, type(value).__name__, loader.one_line(e)),
                loader.trace(e),
            )
        self._control.result(self._start.method, definition, outcome.raised, outcome.traceback)


def _collect_again(thresholds: Tuple[int, ...]) -> None:
    # Modules live as long as the process: no later collection needs to look at them.
    gc.freeze()
    if gc.get_threshold()[0] == 0:
        gc.set_threshold(*thresholds)


def invoke(function: Callable[..., Any], arguments: List[Any], in_loop: bool) -> Outcome:
    """Calls on the main thread, where signals arrive; awaits what is awaitable."""
    try:
        if in_loop:
            return Outcome(_in_loop(function, arguments), False, None)
        value = function(*arguments)
        if inspect.isawaitable(value):
            value = _in_loop(lambda: value, [])
        return Outcome(value, False, None)
    except BaseException as e:
        return Outcome(e, True, loader.trace(e))


def _in_loop(function: Callable[..., Any], arguments: List[Any]) -> Any:
    import asyncio  # plain functions have no use for it

    async def call() -> Any:
        value = function(*arguments)
        return await value if inspect.isawaitable(value) else value

    return asyncio.run(call())


def _wants_loop(function: Callable[..., Any], asked: Optional[bool]) -> bool:
    return bool(getattr(function, "_run_on_main_thread", False)) if asked is None else asked


def _let_tracebacks_travel(error: BaseException) -> None:
    try:
        from tblib import pickling_support

        pickling_support.install()
        pickling_support.install(error)
    except Exception:
        pass  # the traceback as text remains


def _exit_code(exit: SystemExit) -> int:
    if exit.code is None:
        return 0
    return exit.code if isinstance(exit.code, int) else 1


def _leave_terminal() -> None:
    """Ctrl-C in the server's terminal is the server's to handle."""
    try:
        os.setsid()
    except OSError:
        pass


def _process_began(otherwise: float) -> float:
    """When the kernel started this process, as seconds since 1970."""
    try:
        with open("/proc/self/stat") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        return min(otherwise, time.time() - age)
    except (OSError, ValueError, IndexError, AttributeError):
        return otherwise
