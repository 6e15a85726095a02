"""The files of an image for a server that may not mount: layers.py FOLDER LAYERS MERGED [COPY UID GID]

Run as root of a user namespace and a mount namespace, so that nothing stays mounted. FOLDER is what the
names of LAYERS, joined by colons, are relative to. Stacks them at MERGED, tells the own process number and
waits for the end of stdin: meanwhile the files are seen below /proc/<number>/root. With COPY, copies them
there instead, and gives what belongs to the user that the image runs as to the one who runs the server.
"""

import ctypes
import os
import subprocess
import sys

READ_ONLY, NOSUID, NODEV = 1, 2, 4


def stack(folder, layers, merged):
    os.chdir(folder)
    options = "lowerdir=%s,userxattr" % layers
    flags = ctypes.c_ulong(READ_ONLY | NOSUID | NODEV)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"mews", os.fsencode(merged), b"overlay", flags, os.fsencode(options)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "overlay of the image's layers (this needs Linux 5.11)")


def copy(merged, to, uid, gid):
    done = subprocess.run(["cp", "-a", "--reflink=auto", merged + "/.", to])
    if done.returncode:
        sys.exit(done.returncode)
    if uid or gid:
        seen = set()
        give(to, uid, gid, seen)
        for folder, folders, files in os.walk(to):
            for name in folders + files:
                give(os.path.join(folder, name), uid, gid, seen)


def give(path, uid, gid, seen):
    found = os.lstat(path)
    if found.st_ino not in seen:
        os.lchown(path, turned(found.st_uid, uid), turned(found.st_gid, gid))
        if found.st_nlink > 1:
            seen.add(found.st_ino)


def turned(number, own):
    """Here the root of the image is the one who runs the server; at run time the image's user is, and the
    numbers below it are one further on."""
    return 0 if number == own else number + 1 if number < own else number


def main(folder, layers, merged, *wanted):
    stack(folder, layers, merged)
    if wanted:
        copy(merged, wanted[0], int(wanted[1]), int(wanted[2]))
    else:
        print(os.getpid(), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as e:
        sys.exit("%s: %s" % (e.filename, e.strerror))
