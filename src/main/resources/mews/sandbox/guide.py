"""Has warm parents fork, leads each fork into its control groups and network, and stands for it:
guide.py SOCKET SERVER

Listens at that socket until it, or the process with the number SERVER, ends. Whoever connects names a
room, a folder for one fork; a process made for it alone then does the rest:

    server: the path of the room, the lengths of plan and order in a line below, and these two
    guide:  "streams", its process number, and the numbers of its ends of stdin, stdout and stderr
    server: "taken" once it opened them below /proc
    guide:  "exit" and the code, when the fork ended

That process ends when the fork ends, and takes it along when it is killed or the server hangs up. Runs
with the server's own rights; nothing of it runs in the fork. Any Python from 3.8 on.
"""

import _ctypes
import os
import select
import signal
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pair

DIE_WITH_PARENT = 1
PATIENCE = 60.0
LOST = 137
NOT_FORKED = 125


class Problem(Exception):
    """What the log of the server says."""


def main(path, server):
    die_with_parent(signal.SIGKILL)
    if os.getppid() != server:
        return
    os.umask(0o077)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(128)
    first = os.getpid()
    os.write(1, b"listening\n")
    while True:
        asked, _ = listener.accept()
        try:
            if os.fork() == 0:
                listener.close()
                stand(asked, first)
        except OSError:
            pass  # who asked hears that it hung up
        asked.close()


def die_with_parent(how):
    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 2), "prctl")
    _ctypes.call_cdeclfunction(prctl, (DIE_WITH_PARENT, int(how), 0, 0, 0))


def stand(server, first):
    """Never returns."""
    code, room = NOT_FORKED, ""
    try:
        # It waits long for some answers, during which it does not hear that the server went.
        die_with_parent(signal.SIGKILL)
        if os.getppid() != first:
            os._exit(0)
        server.settimeout(PATIENCE)
        said = server.makefile("rb")
        room = line(said)
        if room:
            code = lead(server, said, room)
    except Exception as e:
        code = NOT_FORKED
        tell_problem(room, e)
    finally:
        try:
            server.sendall(b"exit %d\n" % code)
        finally:
            os._exit(0)


def lead(server, said, room):
    planned, ordered = (int(length) for length in line(said).split())
    plan = parse(said.read(planned))
    order = said.read(ordered)
    near, far = pipes()
    server.sendall(b"streams %d %d %d %d\n" % (os.getpid(), *near))
    fork = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fork.settimeout(PATIENCE)
    fork.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    fork.connect(plan["parent"])
    handed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("3i", *far))]
    sent = fork.sendmsg([struct.pack("I", len(order)), order], handed)
    fork.sendall(order[sent - 4 :])
    # The readers of what the fork prints must find the end when it ended.
    close(far)
    pid = first_word(fork)
    for group in plan["groups"]:
        with open(group, "w") as file:
            file.write(str(pid))
    if "device" in plan:
        connect(pid, plan)
    with open(room + "/status.new", "w") as file:
        file.write('{"child-pid": %d}' % pid)
    os.rename(room + "/status.new", room + "/status")
    if line(said) != "taken":
        return LOST
    close(near)
    # From here on it hears at once when the server goes, and whom it was forked from is none of its business.
    die_with_parent(0)
    fork.sendall(b"go")
    return await_end(server, fork)


def await_end(server, fork):
    poll = select.poll()
    for each in (server, fork):
        poll.register(each, select.POLLIN)
    if all(fd != fork.fileno() for fd, _ in poll.poll()):
        return LOST  # the server hung up
    word = fork.recv(512).decode("utf-8", "replace").split()
    return int(word[1]) & 255 if word[:1] == ["exit"] and word[1:] and word[1].isdigit() else LOST


def pipes():
    """
    :return: the server's ends of stdin, stdout and stderr, and the fork's
    """
    given, giving = os.pipe()
    taking, taken = os.pipe()
    taking_errors, taken_errors = os.pipe()
    return (giving, taking, taking_errors), (given, taken, taken_errors)


def close(descriptors):
    for fd in descriptors:
        os.close(fd)


def line(said):
    """The next line that the server says; empty when it hung up."""
    return os.fsdecode(said.readline().rstrip(b"\n"))


def parse(text):
    """Fields that end with a zero byte, a name before each."""
    plan = {"groups": []}
    fields = iter(os.fsdecode(text).split("\0")[:-1])
    for name in fields:
        if name == "group":
            plan["groups"].append(next(fields))
        else:
            plan[name] = next(fields)
    return plan


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


def connect(pid, plan):
    """Joins the fork's network to this host's by a pair of interfaces."""
    device, mtu = plan["device"], int(plan["mtu"])
    pair.make(device, mtu, pid, plan["here"])
    for name in ("forwarding", "rp_filter"):
        with open("/proc/sys/net/ipv4/conf/%s/%s" % (device, name), "w") as file:
            file.write("1")
    pair.settle(pid, plan["there"], plan["here"])


def tell_problem(room, problem):
    try:
        with open(room + "/problem", "w") as file:
            file.write(str(problem))
    except OSError:
        pass  # the room went with the fork


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
