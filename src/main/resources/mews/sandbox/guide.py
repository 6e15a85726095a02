"""Has a warm parent fork, leads the fork into its control groups and network, and stands for it:
guide.py ROOM

Stdin, stdout and stderr are handed to the fork. Ends when it ends, with its exit code, and takes it
along when it is killed. Runs with the server's own rights; nothing of it runs in the fork. Any Python
from 3.8 on; one runs for each fork, so only what the interpreter itself is made of is imported: the
modules around it take longer to import than all that is done here.
"""

import _ctypes
import _socket
import _struct
import posix
import sys

DIE_WITH_PARENT, KILL = 1, 9
PATIENCE = 60.0
LOST = 137


class Problem(Exception):
    """What the log of the server says."""


def main(room):
    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 2), "prctl")
    _ctypes.call_cdeclfunction(prctl, (DIE_WITH_PARENT, KILL, 0, 0, 0))
    plan = read(room + "/plan")
    if str(posix.getppid()) != plan["server"]:
        return LOST
    with open(room + "/order", "rb") as file:
        order = file.read()
    fork = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    fork.settimeout(PATIENCE)
    fork.setsockopt(_socket.SOL_SOCKET, _socket.SO_PASSCRED, 1)
    fork.connect(plan["parent"])
    pipes = _struct.pack("3i", 0, 1, 2)
    sent = fork.sendmsg(
        [_struct.pack("I", len(order)), order], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, pipes)]
    )
    fork.sendall(order[sent - 4 :])
    let_go()
    pid = first_word(fork)
    for group in plan["groups"]:
        with open(group, "w") as file:
            file.write(str(pid))
    if "device" in plan:
        connect(pid, plan)
    with open(room + "/status.new", "w") as file:
        file.write('{"child-pid": %d}' % pid)
    posix.rename(room + "/status.new", room + "/status")
    fork.sendall(b"go")
    fork.settimeout(None)
    word = fork.recv(512).decode("utf-8", "replace").split()
    return int(word[1]) & 255 if word[:1] == ["exit"] and word[1:] and word[1].isdigit() else LOST


def read(path):
    """Fields that end with a zero byte, a name before each."""
    plan = {"groups": []}
    with open(path, "rb") as file:
        fields = iter(file.read().decode("utf-8", "surrogateescape").split("\0")[:-1])
    for name in fields:
        if name == "group":
            plan["groups"].append(next(fields))
        else:
            plan[name] = next(fields)
    return plan


def let_go():
    """The readers of what the fork prints must find the end when it ended."""
    nothing = posix.open("/dev/null", posix.O_RDWR)
    for fd in (0, 1, 2):
        posix.dup2(nothing, fd)
    posix.close(nothing)


def first_word(fork):
    """The number of the process that spoke, by the kernel's word, not by its own."""
    text, extra, _, _ = fork.recvmsg(512, _socket.CMSG_SPACE(12))
    text = text.decode("utf-8", "replace").strip()
    if text != "here":
        raise Problem("the parent cannot fork: %s" % (text or "it hung up"))
    for level, kind, data in extra:
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_CREDENTIALS:
            pid = _struct.unpack("3i", data[:12])[0]
            if pid > 0:
                return pid
    raise Problem("the kernel does not tell who the fork is")


def connect(pid, network):
    """Joins the fork's network to this host's by a pair of interfaces."""
    batch(["ip", "-batch", "-"], network["outside"].replace("{pid}", str(pid)))
    for name in ("forwarding", "rp_filter"):
        with open("/proc/sys/net/ipv4/conf/%s/%s" % (network["device"], name), "w") as file:
            file.write("1")
    batch(["nsenter", "--net=/proc/%d/ns/net" % pid, "ip", "-batch", "-"], network["inside"])


def batch(command, text):
    """Runs a program; `subprocess` would take longer to import than it does."""
    given, giving = posix.pipe()
    taking, taken = posix.pipe()
    posix.write(giving, text.encode())
    posix.close(giving)
    streams = [(posix.POSIX_SPAWN_DUP2, given, 0), (posix.POSIX_SPAWN_DUP2, taken, 1), (posix.POSIX_SPAWN_DUP2, taken, 2)]
    pid = posix.posix_spawnp(command[0], command, posix.environ, file_actions=streams)
    posix.close(given)
    posix.close(taken)
    said = b""
    for part in iter(lambda: posix.read(taking, 4096), b""):
        said += part
    posix.close(taking)
    if posix.waitpid(pid, 0)[1]:
        raise Problem("%s: %s" % (command[0], said.decode("utf-8", "replace").strip()))


if __name__ == "__main__":
    try:
        code = main(sys.argv[1])
    except Exception as e:
        with open(sys.argv[1] + "/problem", "w") as file:
            file.write(str(e))
        code = 125
    posix._exit(code)
