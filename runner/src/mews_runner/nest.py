"""Puts a fork of a warm parent into a sandbox of its own, as bubblewrap would.

What the parent may use, the fork may use: its system, its packages, the account's data, under the
same user. The fork gets process numbers, a network, a host name and folders of its own, and loses
the rights over them that making them took. That nothing in here can be more than an app of this
account may is up to the sandbox around the parent, not to this file.
"""

from __future__ import annotations

import base64
import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import sys
from typing import Any, Callable, Dict, List, Optional, Set

from mews_runner.runner import RUNNER_FOLDER

NEW_FILES, NEW_NAME, NEW_IPC, NEW_USERS, NEW_PIDS, NEW_NETWORK = (
    0x20000,
    0x4000000,
    0x8000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
READ_ONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, RECURSIVE, SLAVE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 19
SET_DUMPABLE, SET_SECCOMP, DROP_FROM_BOUNDING_SET, NO_NEW_PRIVILEGES = 4, 22, 24, 38
SECCOMP_FILTER = 2
CAPABILITIES_VERSION = 0x20080522
HIGHEST_CAPABILITY = 63
GET_FLAGS, SET_FLAGS, UP_AND_RUNNING = 0x8913, 0x8914, 0x41
LOST = 137

LIBC = ctypes.CDLL(None, use_errno=True)
# Keeps the interpreter lock during a call.
PYTHON = ctypes.PyDLL(None, use_errno=True)
PYTHON.PyOS_BeforeFork.restype = None
PYTHON.PyOS_AfterFork_Child.restype = None


def split() -> int:
    """Forks, and tells no library: some start threads when they hear of it, and a process with
    threads can make no namespaces. Who is to run the user's code tells them in the end."""
    pid = int(PYTHON.fork())
    _check(-1 if pid < 0 else 0, "fork")
    return pid


def become_runner(plan: Dict[str, Any], guide: socket.socket, run: Callable[[], int]) -> None:
    """Never returns. Forks twice: the first fork is the first process of the new namespaces, which
    takes in orphans; the second runs the app.

    :param guide: to the trusted process on the server's side that stands for this one
    :param run: the runner; its result is the exit code
    """
    code = 1
    try:
        uid, gid = os.getuid(), os.getgid()
        _check(
            LIBC.unshare(NEW_USERS | NEW_FILES | NEW_PIDS | NEW_IPC | NEW_NAME | NEW_NETWORK),
            "namespaces",
        )
        _map_ids(uid, gid)
        if split():
            os._exit(0)
        code = _first(plan, guide, run)
    except OSError as e:
        _tell(guide, "no %s: %s" % (e.filename or "sandbox", e.strerror))
    finally:
        os._exit(code)


def _first(plan: Dict[str, Any], guide: socket.socket, run: Callable[[], int]) -> int:
    _lay_out(plan)
    name = plan["name"].encode()
    _check(LIBC.sethostname(name, len(name)), "host name")
    _bring_loopback_up()
    _give_up_rights()
    _filter_calls(base64.b64decode(plan["filter"]))
    _tell(guide, "here")
    # By now this process is in its control groups, and its network is connected.
    if guide.recv(16) != b"go":
        return LOST
    awake, wake = socket.socketpair()
    wake.setblocking(False)
    PYTHON.PyOS_BeforeFork()
    app = split()
    if app == 0:
        PYTHON.PyOS_AfterFork_Child()
        for end in (awake, wake, guide):
            end.close()
        os._exit(run())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    _let_go_of_output()
    return _keep(app, guide, awake)


def _keep(app: int, guide: socket.socket, awake: socket.socket) -> int:
    """Collects who ended, until the app did or the guide left."""
    poll = select.poll()
    poll.register(guide, select.POLLIN)
    poll.register(awake, select.POLLIN)
    while True:
        code = _collect(app)
        if code is not None:
            _tell(guide, "exit %d" % code)
            return code
        for ready, _ in poll.poll():
            if ready == guide.fileno():
                return LOST
            awake.recv(64)


def _collect(app: int) -> Optional[int]:
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return LOST
        if ended == 0:
            return None
        if ended == app:
            return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _map_ids(uid: int, gid: int) -> None:
    """The same numbers inside as outside."""
    LIBC.prctl(SET_DUMPABLE, 1, 0, 0, 0)
    for name, text in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (uid, uid)), ("gid_map", "%d %d 1" % (gid, gid))):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)


def _lay_out(plan: Dict[str, Any]) -> None:
    _mount("none", "/", None, RECURSIVE | SLAVE, None)
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC, None)
    # What is covered by the folders and must be seen all the same, with its read-only mounts.
    kept = [(path, os.open(path, os.O_PATH)) for path in plan["kept"]]
    for source, target in plan["folders"]:
        if target != RUNNER_FOLDER:
            _carry_over(target, source, set(plan["kept"]))
        _mount(source, target, None, BIND, None)
    for path, opened in kept:
        os.makedirs(path, exist_ok=True)
        _mount("/proc/self/fd/%d" % opened, path, None, BIND | RECURSIVE, None)
        os.close(opened)
    for source, target in plan["files"]:
        _mount(source, target, None, BIND, None)
        _mount("none", target, None, BIND | REMOUNT | READ_ONLY | NOSUID | NODEV, None)
    _mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV, "mode=1777,size=%d" % plan["shared_memory"])
    _mount("devpts", "/dev/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    for folder in plan["hidden"]:
        _mount("tmpfs", folder, "tmpfs", READ_ONLY | NOSUID | NODEV, "mode=0555,size=4k")


def _carry_over(seen: str, own: str, shared: Set[str]) -> None:
    """What an import left in a folder of the parent, such as a cache in its home or a file in `/tmp`
    whose name it remembers, is there for the fork too.

    :param shared: folders that are not the parent's own
    """
    if os.listdir(seen):
        import shutil  # not needed by most

        def others(folder: str, names: List[str]) -> List[str]:
            return [name for name in names if os.path.join(folder, name) in shared]

        shutil.copytree(seen, own, symlinks=True, ignore=others, dirs_exist_ok=True)


def _bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, GET_FLAGS, request))[1]
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | UP_AND_RUNNING))


def _give_up_rights() -> None:
    _check(LIBC.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
    for right in range(HIGHEST_CAPABILITY + 1):
        LIBC.prctl(DROP_FROM_BOUNDING_SET, right, 0, 0, 0)
    header = struct.pack("Ii", CAPABILITIES_VERSION, 0)
    _check(LIBC.capset(header, bytes(24)), "capabilities")
    # Losing them made its own /proc unreadable.
    LIBC.prctl(SET_DUMPABLE, 1, 0, 0, 0)


def _filter_calls(program: bytes) -> None:
    if not program:
        return

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]

    given = Program(len(program) // 8, program)
    _check(LIBC.prctl(SET_SECCOMP, SECCOMP_FILTER, ctypes.byref(given), 0, 0), "system call filter")


def _let_go_of_output() -> None:
    """The readers must find the end when the app has ended."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.close(nothing)


def _tell(guide: socket.socket, text: str) -> None:
    try:
        guide.sendall(text.encode("utf-8", "replace")[:400] + b"\n")
    except OSError:
        pass


def _mount(source: str, target: str, kind: Optional[str], flags: int, options: Optional[str]) -> None:
    text = [None if one is None else os.fsencode(one) for one in (source, target, kind, options)]
    _check(LIBC.mount(text[0], text[1], text[2], ctypes.c_ulong(flags), text[3]), target)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


assert sys.platform == "linux"
