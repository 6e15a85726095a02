"""Runs one more command where a process of a sandbox is: same namespaces, control groups, user, rights
and system call filter. Carries what is typed to it, and what it says back.

Stdin and stdout are frames: one byte that tells the kind, four of length, the content. In: `P` the plan
in JSON, first; `d` what is typed, `s` rows and columns, `e` the end of what is typed. Out: `o` and `r`
what it said, on stderr in the second case; at last `x` its exit code, or `p` why there was none. Runs
with the server's own rights; standard library only, any Python from 3.8 on.
"""

import array
import base64
import ctypes
import errno
import fcntl
import json
import os
import signal
import socket
import struct
import sys
import termios

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import carry

DIE_WITH_PARENT, SET_SECCOMP, DROP_FROM_BOUNDING_SET, NO_NEW_PRIVILEGES = 1, 22, 24, 38
SECCOMP_FILTER = 2
CAPABILITIES_VERSION = 0x20080522
HIGHEST_CAPABILITY = 63
NAMESPACES = ("net", "ipc", "uts", "cgroup", "pid", "mnt")
PATIENCE = 30
# Of a namespace's file: the user namespace around a user namespace.
AROUND = 0xB702

LIBC = ctypes.CDLL(None, use_errno=True)


class Gone(Exception):
    pass


class Whereabouts:
    """What is copied from the process whose place is shared."""

    def __init__(self, process):
        self.folder = "/proc/%d/" % process
        with open(self.folder + "status") as file:
            status = dict(line.rstrip("\n").split(":", 1) for line in file)
        self.uid = int(status["Uid"].split()[0])
        self.gid = int(status["Gid"].split()[0])
        self.groups = [int(number) for number in status["Groups"].split()]
        self.inside = self._inside()
        # Only the root of an image, a stranger on this host, has rights to speak of.
        self.rights = int(status["CapPrm"], 16) if self.inside == 0 else 0
        self.bound = int(status["CapBnd"], 16) if self.inside == 0 else 0
        self.proxies = self._proxies()
        self.namespaces = {name: self._open(name) for name in (*NAMESPACES, "user") if self._differs(name)}
        if "pid" not in self.namespaces or "mnt" not in self.namespaces:
            raise Gone()
        if self.uid == 0 and os.geteuid() == 0 and "user" not in self.namespaces:
            raise Gone()

    def _proxies(self):
        """The way out where there is no other, which only its own process was told."""
        with open(self.folder + "environ", "rb") as file:
            pairs = (pair.partition(b"=") for pair in file.read().split(b"\0"))
            return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs if name.lower().endswith(b"_proxy")}

    def _inside(self):
        """The user by the number that it has in there."""
        with open(self.folder + "uid_map") as file:
            for line in file:
                inside, outside, count = (int(number) for number in line.split())
                if outside <= self.uid < outside + count:
                    return inside + self.uid - outside
        raise Gone()

    def _open(self, name):
        return os.open(self.folder + "ns/" + name, os.O_RDONLY)

    def _differs(self, name):
        try:
            return os.readlink(self.folder + "ns/" + name) != os.readlink("/proc/self/ns/" + name)
        except FileNotFoundError:
            return False

    def join(self):
        as_root = os.geteuid() == 0
        if not as_root:
            # An ordinary user has rights over the rest only in there, and may be called root there.
            check(LIBC.setns(self._outermost(), 0), "user")
        for name in NAMESPACES:
            self._set(name)
        if as_root:
            os.setgroups(self.groups)
            os.setresgid(self.gid, self.gid, self.gid)
        self._set("user")

    def _outermost(self):
        """The user namespace right below ours. The process may be in a further one, which has no rights over
        the network or the files of the one around it; this one has them over all within."""
        ours = os.stat("/proc/self/ns/user").st_ino
        found = within = self.namespaces["user"]
        while True:
            around = fcntl.ioctl(found, AROUND)
            if os.fstat(around).st_ino == ours:
                break
            found = around
        if found == within:
            del self.namespaces["user"]
        return found

    def _set(self, name):
        if name in self.namespaces:
            check(LIBC.setns(self.namespaces.pop(name), 0), name)

    def become(self, as_root):
        for right in range(HIGHEST_CAPABILITY + 1):
            if not self.bound >> right & 1:
                LIBC.prctl(DROP_FROM_BOUNDING_SET, right, 0, 0, 0)
        if as_root:
            os.setresuid(self.inside, self.inside, self.inside)
        check(LIBC.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
        low, high = self.rights & 0xFFFFFFFF, self.rights >> 32
        header = struct.pack("Ii", CAPABILITIES_VERSION, 0)
        check(LIBC.capset(header, struct.pack("6I", low, low, 0, high, high, 0)), "capabilities")


def main():
    die_with_parent()
    plan = json.loads(carry.next_frame()[1].decode())
    if os.getppid() != plan["server"]:
        return
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    usher = os.fork()
    if usher == 0:
        ours.close()
        lead_in(plan, theirs)
    theirs.close()
    try:
        streams, pid = settle(ours, plan)
    except Gone as e:
        carry.say(b"p", (str(e) or "the runner is gone, or not there yet").encode())
        return
    carry.Carrier(ours, streams, pid, plan["terminal"] is not None).run()
    carry.say(b"x", b"%d" % exit_code(usher))


def lead_in(plan, theirs):
    """Joins, and lets a child become the command. Never returns."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        as_root = os.geteuid() == 0
        place = Whereabouts(plan["process"]) if plan["process"] else None
        for group in plan["groups"]:
            with open(group, "w") as file:
                file.write("0")
        if place:
            place.join()
        command = os.fork()
        if command == 0:
            turn_into_command(plan, place, as_root, theirs)
        die_with_parent()
        theirs.send(json.dumps({"pid": command}).encode())
        code = exit_code(command)
    except (OSError, Gone, ValueError, KeyError) as e:
        # The command may have gone before its number was told.
        code = 125
        tell(theirs, e)
    os._exit(code)


def turn_into_command(plan, place, as_root, theirs):
    proxies = place.proxies if place else {}
    try:
        if place:
            place.become(as_root)
        die_with_parent()
        connect(plan["terminal"], theirs)
        theirs.close()
        try:
            os.chdir(plan["workdir"])
        except OSError:
            os.chdir("/")
        if place:
            filter_calls(base64.b64decode(plan["filter"]))
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
    except (OSError, ValueError) as e:
        tell(theirs, e)
        os._exit(125)
    command = plan["command"]
    problem = execute(command, dict(proxies, **plan["environment"]))
    os.write(2, ("%s: %s\n" % (command[0], os.strerror(problem))).encode("utf-8", "replace"))
    os._exit(127 if problem == errno.ENOENT else 126)


def execute(command, environment):
    """By hand, for what `os` would have to import is out of sight by now.

    :return: why it could not be executed
    """
    name, problem = command[0], errno.ENOENT
    folders = [""] if "/" in name else environment.get("PATH", "/usr/bin:/bin").split(":")
    for folder in folders:
        try:
            os.execve(os.path.join(folder, name), command, environment)
        except OSError as e:
            if e.errno not in (errno.ENOENT, errno.ENOTDIR):
                problem = e.errno or errno.EACCES
    return problem


def connect(terminal, theirs):
    """Makes a terminal or pipes in here, and hands the far ends over."""
    if terminal is None:
        given, giving = os.pipe()
        taking, taken = os.pipe()
        taking_errors, taken_errors = os.pipe()
        hand_over(theirs, [taking, giving, taking_errors])
        os.setsid()
        near = (given, taken, taken_errors)
    else:
        leader, follower = os.openpty()
        carry.resize(leader, *terminal)
        hand_over(theirs, [leader])
        os.setsid()
        fcntl.ioctl(follower, termios.TIOCSCTTY, 0)
        near = (follower, follower, follower)
    for number, fd in enumerate(near):
        os.dup2(fd, number)


def hand_over(theirs, fds):
    theirs.sendmsg([b"{}"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


def filter_calls(program):
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]

    if program:
        given = Program(len(program) // 8, program)
        check(LIBC.prctl(SET_SECCOMP, SECCOMP_FILTER, ctypes.byref(given), 0, 0), "system call filter")


def settle(ours, plan):
    """Waits for the streams and the process number of the command."""
    ours.settimeout(PATIENCE)
    streams, pid = None, None
    while streams is None or pid is None:
        try:
            data, extra, _, _ = ours.recvmsg(4096, socket.CMSG_SPACE(12))
        except socket.timeout:
            raise Gone("the command could not be started within %d s" % PATIENCE)
        if not data:
            raise Gone()
        told = json.loads(data.decode())
        if "problem" in told:
            raise Gone(told["problem"])
        pid = told.get("pid", pid)
        for level, kind, content in extra:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                streams = array.array("i", content).tolist()
    return streams, pid


def tell(theirs, problem):
    text = getattr(problem, "filename", None) or ""
    text = "%s %s" % (text, getattr(problem, "strerror", None) or problem)
    try:
        theirs.send(json.dumps({"problem": text.strip()}).encode())
    except OSError:
        pass


def exit_code(pid):
    status = os.waitpid(pid, 0)[1]
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def die_with_parent():
    LIBC.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def check(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        pass  # the server is gone
    sys.stdout = None
    os._exit(0)
