"""A warm parent: has imported what the apps of an environment import, and forks runners on demand.

It computes nothing, starts nothing and keeps nothing open but the two sockets to the server, since a
fork inherits what was imported and shares what is open. It is no more trusted than an app.
"""

from __future__ import annotations

import array
import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from typing import Any, Dict, List, Sequence, Tuple

from mews_runner import fresh, loader, nest, output, rehearsal, runner, server, snapshot
from mews_runner.control import Control
from mews_runner.messages import Failure, Warm
from mews_runner.prebuilt import Prebuilt

# What the runner and the decoding of apps need, whatever the app.
ALWAYS = (
    "asyncio",
    "cloudpickle",
    "concurrent.futures.thread",
    "http.server",
    "ssl",
    "subprocess",
    "tblib.pickling_support",
    "urllib.request",
)
PIPES = 3


class Parent:
    def __init__(self, folder: str, control: Control) -> None:
        self._folder = folder
        self._control = control
        self._serving = server.Serving(folder)
        self._warmth = runner.Warmth(self._serving)

    def warm(self, order: Warm) -> None:
        """
        :raises Failure: if forks of this process would not be sound
        """
        server.install(self._serving)
        os.environ.update(order.env)
        os.environ.pop("MEWS_RUNNER_DIR", None)
        time.tzset()
        loader.find_packages(order.paths + order.support)
        self._warmth.folders = order.paths + order.support
        for name in (*ALWAYS, *loader.EARLY, *order.modules):
            _import(name)
        rehearsal.remember_packages(self._warmth.folders)
        rehearsal.serve()
        self._settle("warm", self._held("an import"))

    def learn(self, order: Warm) -> None:
        """Decodes the callable of a revision too."""
        self._warmth.function = loader.load(order)
        self._warmth.payload = order.function
        prebuilt = Prebuilt.of(self._warmth.function)
        if prebuilt is not None:
            prebuilt.rehearse()
        if order.set_up is None:
            self._warmth.prebuilt = prebuilt
            self._settle("warm", self._held("an import"))
            return
        snapshot.take(self._warmth.function, self._control, order.set_up)
        self._warmth.set_up = True
        if self._control.hears_within(0):
            raise Failure("setup", "nobody waits for it any more")
        self._settle("setup", self._held("setup()") or snapshot.held())

    def _held(self, who: str) -> str:
        return _held(self._control.fileno(), who)

    def _settle(self, phase: str, held: str) -> None:
        if held:
            raise Failure(phase, held)
        self._warmth.exceptions.prepare()
        self._warmth.modules = frozenset(sys.modules)
        gc.collect()
        gc.freeze()

    def serve(self, name: str) -> None:
        """Forks whenever the server asks, for ever."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(os.path.join(self._folder, name))
        listener.listen(128)
        # The kernel collects those who ended.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self._control.ready()
        while True:
            guide, _ = listener.accept()
            try:
                self._answer(guide, listener)
            except (OSError, ValueError, struct.error):
                pass  # who asked hung up, and knows
            finally:
                guide.close()

    def _answer(self, guide: socket.socket, listener: socket.socket) -> None:
        guide.settimeout(5)
        order, pipes = _receive(guide)
        guide.settimeout(None)
        try:
            if order.get("type") == "leave":
                os._exit(0)
            if nest.split() == 0:
                listener.close()
                self._control.forget()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                if order.get("type") == "branch":
                    guide.close()
                    branch(self, self._folder, order["control"], order["listen"])
                else:
                    _take_over(pipes)
                    nest.become_runner(order, guide, lambda: _run(self._warmth))
        finally:
            for pipe in pipes:
                os.close(pipe)


def main(first_line: float) -> int:
    folder = os.environ["MEWS_RUNNER_DIR"]
    output.install()
    control = Control(folder)
    parent = Parent(folder, control)
    return _prepare(parent, control, first_line, Parent.warm, "parent.sock")


def branch(parent: Parent, folder: str, control_name: str, listen: str) -> None:
    """Goes on as a parent of its own, for one revision. Never returns."""
    code = 1
    try:
        parent._control = Control(folder, control_name)
        code = _prepare(parent, parent._control, time.time(), Parent.learn, listen)
    finally:
        os._exit(code)


def _prepare(parent: Parent, control: Control, first_line: float, how: Any, listen: str) -> int:
    control.hello(first_line)
    order = control.warm()
    if order is None:
        return 1
    try:
        how(parent, order)
    except Failure as e:
        control.failed(e.phase, e.message, e.traceback)
        return 1
    except BaseException as e:
        control.failed("warm", loader.one_line(e), loader.trace(e))
        return 1
    parent.serve(listen)
    return 0


def _run(warmth: "runner.Warmth") -> int:
    """The runner, in a fork that has its sandbox."""
    try:
        return runner.main(time.time(), warmth)
    finally:
        output.flush_all()


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    # Modules do what they like when they are imported; who really needs this one says so better.
    except (Exception, SystemExit):
        pass


def _held(control: int, who: str) -> str:
    """What a fork must not inherit; empty if there is nothing.

    :param who: made it
    """
    threads = [one.name for one in threading.enumerate() if one is not threading.main_thread()]
    if threads:
        return "%s started a thread (%s)" % (who, threads[0])
    if len(os.listdir("/proc/self/task")) > _bearable_threads():
        return "%s started threads outside Python" % who
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is not None and cuda.is_initialized():
        return "%s began to use CUDA" % who
    for fd in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink("/proc/self/fd/" + fd)
        except OSError:
            continue
        if int(fd) > 2 and int(fd) != control and target.startswith(("socket:", "anon_inode:[eventpoll]", "pipe:")):
            what = "socket" if target.startswith("socket") else "pipe or an event loop"
            return "%s left a %s open" % (who, what)
    for opened in fresh.open_files():
        if fcntl.fcntl(opened, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
            return "%s left a file open for writing (%s)" % (who, os.readlink("/proc/self/fd/%d" % opened))
    return ""


def _bearable_threads() -> int:
    """The main thread, and those of OpenBLAS, which ends them before a fork and starts them anew."""
    with open("/proc/self/maps") as file:
        libraries = {line.split(None, 5)[5] for line in file if "openblas" in line}
    return 1 + len(libraries) * len(os.sched_getaffinity(0))


def _receive(guide: socket.socket) -> Tuple[Dict[str, Any], List[int]]:
    """An order, and the pipes that come with it."""
    room = socket.CMSG_SPACE(PIPES * array.array("i").itemsize)
    data, extra, _, _ = guide.recvmsg(65536, room)
    pipes = array.array("i")
    for level, kind, content in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            pipes.frombytes(content[: len(content) - len(content) % pipes.itemsize])
    length = struct.unpack("I", data[:4])[0]
    data = data[4:]
    while len(data) < length:
        more = guide.recv(65536)
        if not more:
            raise ValueError("half an order")
        data += more
    return json.loads(data), list(pipes)


def _take_over(pipes: Sequence[int]) -> None:
    """Stdin, stdout and stderr."""
    for target, pipe in enumerate(pipes):
        os.dup2(pipe, target)
    for pipe in pipes:
        os.close(pipe)
    os.chdir("/")
