"""Runs a command in a network that leads nowhere but through a proxy: apart.py FORWARDER COMMAND...

FORWARDER is the folder of egress.py. With MEWS_EGRESS, the proxy's socket, connections to the address that
the command is told are carried there, as long as the command runs. Without it there is no way out.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys

NEW_NETWORK = 0x40000000
DIE_WITH_PARENT, KILL = 1, 9
SET_FLAGS, UP_AND_RUNNING = 0x8914, 0x41

LIBC = ctypes.CDLL(None, use_errno=True)


def main(forwarder, *command):
    if LIBC.unshare(NEW_NETWORK):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "network namespace")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP_AND_RUNNING))
    sys.path.insert(0, forwarder)
    import egress

    listener = egress.listen()
    if listener is not None:
        us = os.getpid()
        if os.fork() == 0:
            LIBC.prctl(DIE_WITH_PARENT, KILL, 0, 0, 0)
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            if os.getppid() == us:
                egress.carry(listener)
            os._exit(0)
        listener.close()
    os.environ.pop(egress.VARIABLE, None)
    os.execvp(command[0], command)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as e:
        sys.exit("the network of the build's steps cannot be made: %s: %s" % (e.filename, e.strerror))
