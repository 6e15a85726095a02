"""Has a warm parent fork, leads the fork into its control groups and network, and stands for it:
guide.py ROOM

Stdin, stdout and stderr are handed to the fork. Ends when it ends, with its exit code, and takes it
along when it is killed. Runs with the server's own rights; nothing of it runs in the fork. Standard
library only, any Python from 3.8 on.
"""

import array
import ctypes
import json
import os
import signal
import socket
import struct
import sys

DIE_WITH_PARENT = 1
PATIENCE = 60.0
LOST = 137


class Problem(Exception):
    """What the log of the server says."""


def main(room):
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    with open(room + "/plan.json") as file:
        plan = json.load(file)
    if os.getppid() != plan["server"]:
        return LOST
    fork = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fork.settimeout(PATIENCE)
    fork.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    fork.connect(plan["parent"])
    order = json.dumps(plan["order"]).encode() + b"\n"
    pipes = array.array("i", [0, 1, 2])
    fork.sendmsg([struct.pack("I", len(order)) + order], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, pipes)])
    let_go()
    pid = first_word(fork)
    for group in plan["groups"]:
        with open(group, "w") as file:
            file.write(str(pid))
    if plan["network"]:
        connect(pid, plan["network"])
    with open(room + "/status.new", "w") as file:
        json.dump({"child-pid": pid}, file)
    os.rename(room + "/status.new", room + "/status")
    fork.sendall(b"go")
    fork.settimeout(None)
    word = fork.recv(512).decode("utf-8", "replace").split()
    return int(word[1]) & 255 if word[:1] == ["exit"] and word[1:] and word[1].isdigit() else LOST


def let_go():
    """The readers of what the fork prints must find the end when it ended."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.close(nothing)


def first_word(fork):
    """The number of the process that spoke, by the kernel's word, not by its own."""
    text, extra, _, _ = fork.recvmsg(512, socket.CMSG_SPACE(12))
    text = text.decode("utf-8", "replace").strip()
    if text != "here":
        raise Problem("the parent cannot fork: %s" % (text or "it hung up"))
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            pid = struct.unpack("3i", data[:12])[0]
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
    given, giving = os.pipe()
    taking, taken = os.pipe()
    os.write(giving, text.encode())
    os.close(giving)
    streams = [(os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, taken, 1), (os.POSIX_SPAWN_DUP2, taken, 2)]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=streams)
    os.close(given)
    os.close(taken)
    said = b""
    for part in iter(lambda: os.read(taking, 4096), b""):
        said += part
    os.close(taking)
    if os.waitpid(pid, 0)[1]:
        raise Problem("%s: %s" % (command[0], said.decode("utf-8", "replace").strip()))


if __name__ == "__main__":
    try:
        code = main(sys.argv[1])
    except Exception as e:
        with open(sys.argv[1] + "/problem", "w") as file:
            file.write(str(e))
        code = 125
    os._exit(code)
