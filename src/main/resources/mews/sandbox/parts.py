"""Mounts parts of folders whose content is in the hands of strangers, then becomes another program:
parts.py PLAN COMMAND...

Runs with the server's own rights in a mount namespace of its own, so that nothing of it is left on
this host when the process ends. Standard library only, any Python from 3.8 on.

An app that shares such a folder may put a link to any place of this host there at any moment, also
between a look at a path and a mount of that path. So a part is entered name by name, no name may be a
link, and what is mounted is the very folder that was opened, never a path.
"""

import ctypes
import os
import stat
import sys

NEW_MOUNTS, NEW_USERS = 0x20000, 0x10000000
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

LIBC = ctypes.CDLL(None, use_errno=True)


class Problem(Exception):
    """What the owner of the app or of the machine reads."""


def check(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


def mount(source, target, flags):
    check(LIBC.mount(os.fsencode(source), os.fsencode(target), None, ctypes.c_ulong(flags), None), target)


def own_mounts(uid, gid):
    if uid == 0:
        check(LIBC.unshare(NEW_MOUNTS), "mount namespace")
    else:
        check(LIBC.unshare(NEW_USERS | NEW_MOUNTS), "user namespace")
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", "%d %d 1" % (uid, uid)),
            ("gid_map", "%d %d 1" % (gid, gid)),
        ):
            with open("/proc/self/" + name, "w") as file:
                file.write(text)
    mount("none", "/", RECURSIVE | PRIVATE)


def enter(top, part, inside, owner):
    """Opens a part; what is missing of it is made, and belongs to the owner."""
    at = os.open(top, FOLDER)
    names = part.split("/")
    for depth, name in enumerate(names):
        try:
            below = step(at, name, owner)
        except NotADirectoryError:
            seen = os.path.join(inside[: -len(part)], *names[: depth + 1])
            link = stat.S_ISLNK(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode)
            raise Problem(
                "'%s' cannot be mounted, for '%s' is %s"
                % (inside, seen, "a symbolic link; name the folder that it stands for" if link else "not a folder")
            )
        os.close(at)
        at = below
    return at


def step(at, name, owner):
    try:
        return os.open(name, FOLDER, dir_fd=at)
    except FileNotFoundError:
        pass
    try:
        os.mkdir(name, 0o755, dir_fd=at)
    except FileExistsError:
        pass  # another runner made it a moment ago
    below = os.open(name, FOLDER, dir_fd=at)
    if owner:
        os.fchown(below, int(owner), int(owner))
    return below


def main():
    with open(sys.argv[1], "rb") as file:
        fields = iter(file.read().decode("utf-8", "surrogateescape").split("\0")[:-1])
    owner = next(fields)
    own_mounts(os.getuid(), os.getgid())
    for top in fields:
        part, inside, target = next(fields), next(fields), next(fields)
        opened = enter(top, part, inside, owner)
        mount("/proc/self/fd/%d" % opened, target, BIND | RECURSIVE)
        os.close(opened)
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    try:
        main()
    except Problem as e:
        sys.exit("mews: %s" % e)
    except OSError as e:
        sys.exit("mews: a part of a folder cannot be mounted: %s: %s" % (e.filename, e.strerror))
