"""Lays out the root file system of a container image, then becomes bubblewrap: stage.py PLAN COMMAND...

Runs with the server's own rights (an ordinary user's behind ranges.py) in a mount namespace of its own, so
that nothing of it is left on this host when the process ends. Standard library only, any Python from 3.8 on.

What is mounted lies below /tmp, the one folder that bubblewrap needs as well and that every user may
enter: the process has no rights over this host's folders any more when bubblewrap looks at it.
"""

import ctypes
import errno
import os
import stat
import sys

STAGE = "/tmp"
ROOT = STAGE + "/root"

NEW_MOUNTS, NEW_USERS = 0x20000, 0x10000000
NOSUID, NODEV, RECURSIVE, PRIVATE = 2, 4, 0x4000, 0x40000
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442
HERE, EMPTY_PATH, ALL_BELOW = -100, 0x1000, 0x8000
CLONE_TREE, CLOSE_ON_EXEC, FROM_EMPTY_PATH, IDMAP = 1, 0o2000000, 4, 0x100000

KILL = 9

LIBC = ctypes.CDLL(None, use_errno=True)


class Problem(Exception):
    """What the owner of the app or of the machine reads."""


class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "users")]


def check(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
    return result


def call(what, number, *arguments):
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return check(LIBC.syscall(ctypes.c_long(number), *wide), what)


def mount(source, target, kind, flags, options):
    text = [None if one is None else one.encode() for one in (source, target, kind, options)]
    check(LIBC.mount(text[0], text[1], text[2], ctypes.c_ulong(flags), text[3]), target)


def take(path):
    """A copy of what is mounted at a path, not yet anywhere."""
    return call(path, OPEN_TREE, HERE, os.fsencode(path), CLONE_TREE | CLOSE_ON_EXEC | ALL_BELOW)


def put(tree, target):
    call(target, MOVE_MOUNT, tree, b"", HERE, os.fsencode(target), FROM_EMPTY_PATH)
    os.close(tree)


def shift(tree, users, path):
    """Has the owners of files be those that the image's numbers stand for."""
    attributes = Attributes(IDMAP, 0, 0, users)
    try:
        call(path, MOUNT_SETATTR, tree, b"", EMPTY_PATH, ctypes.byref(attributes), ctypes.sizeof(attributes))
    except OSError as e:
        raise Problem(
            "the owners of the image's files cannot be mapped (%s: %s); this needs Linux 5.19 and a file system"
            " such as ext4, XFS or Btrfs" % (path, e.strerror)
        )


def new_users(uids, gids):
    """A user namespace, held open."""
    made, tell = os.pipe()
    wait, _ = os.pipe()
    child = os.fork()
    if child == 0:
        code = LIBC.unshare(NEW_USERS)
        os.write(tell, b"n" if code else b"y")
        while True:
            os.read(wait, 1)
    try:
        if os.read(made, 1) != b"y":
            raise Problem("this kernel gives no user namespaces (see user.max_user_namespaces)")
        for name, lines in (("uid_map", uids), ("gid_map", gids)):
            with open("/proc/%d/%s" % (child, name), "w") as file:
                file.write("".join("%d %d %d\n" % tuple(line) for line in lines))
        return os.open("/proc/%d/ns/user" % child, os.O_RDONLY)
    finally:
        os.kill(child, KILL)
        os.waitpid(child, 0)
        os.close(made)
        os.close(tell)


def layers(files):
    """The folders, the uppermost first, whose sum is at `files`."""
    for line in open("/proc/self/mountinfo"):
        mounted, _, kind = line.partition(" - ")
        if plain(mounted.split()[4]) == files:
            kind, source, options = kind.split()
            if kind == "overlay":
                found = of_overlay(plain(source), options)
                return [os.path.realpath(one) for one in found]
    return [files]


def of_overlay(source, options):
    upper, lower = [], []
    for option in parts(options, ","):
        name, _, value = option.partition("=")
        if name == "lowerdir":
            lower += [plain(one) for one in parts(value, ":")]
        elif name == "lowerdir+":
            lower.append(plain(value))
        elif name == "upperdir":
            upper.append(plain(value))
    # Image stores write short names, seen from where they keep their layers: ours tells that as the
    # source, others have their uppermost layer two folders below.
    base = source if source.startswith("/") else os.path.dirname(os.path.dirname(upper[0])) if upper else "/"
    return [os.path.join(base, one) for one in upper + lower]


def parts(text, mark):
    """Splits, but not where a backslash stands before the mark."""
    found = [""]
    escaped = False
    for letter in text:
        if letter == mark and not escaped:
            found.append("")
        else:
            found[-1] += letter
        escaped = letter == "\\" and not escaped
    return found


def plain(text):
    """Without backslashes: three octal digits after one are a letter, anything else is itself."""
    pieces = text.split("\\")
    said = pieces[0]
    for piece in pieces[1:]:
        octal = piece[:3]
        if len(octal) == 3 and octal.isdigit():
            said += chr(int(octal, 8)) + piece[3:]
        else:
            said += piece
    return said


def overlay(changes, count, options, own):
    below = ":".join("%s/l/%d" % (STAGE, number) for number in range(count))
    for folder in ("upper", "work"):
        os.mkdir(changes + "/" + folder)
    if own is not None:
        os.chown(changes + "/upper", *own)
    os.chmod(changes + "/upper", 0o755)
    options = "lowerdir=%s,upperdir=%s/upper,workdir=%s/work,index=off,%s" % (below, changes, changes, options)
    mount("overlay", ROOT, "overlay", NOSUID | NODEV, options)


def lay_out(plan, users):
    trees = [(path, take(path)) for path in layers(os.path.realpath(plan["files"]))]
    if users is not None:
        for path, tree in trees:
            shift(tree, users, path)
    changes = take(plan["changes"])
    binds = [take(source) for source, _ in plan["binds"]]
    kinds = [os.path.isdir(source) for source, _ in plan["binds"]]
    mount("mews", STAGE, "tmpfs", NOSUID | NODEV, "mode=0755,size=16m")
    for folder in ("root", "changes", "spare", "l", "b"):
        os.mkdir(STAGE + "/" + folder)
    put(changes, STAGE + "/changes")
    for number, (_, tree) in enumerate(trees):
        os.mkdir("%s/l/%d" % (STAGE, number))
        put(tree, "%s/l/%d" % (STAGE, number))
    for number, tree in enumerate(binds):
        target = "%s/b/%d" % (STAGE, number)
        os.mkdir(target) if kinds[number] else os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        put(tree, target)
    own = None if users is None else (outside_root(plan["uids"]), outside_root(plan["gids"]))
    options = "userxattr" if users is None else "volatile"
    try:
        overlay(STAGE + "/changes", len(trees), options, own)
    except OSError:
        # The folder may itself lie on an overlay, which cannot hold changes.
        mount("mews", STAGE + "/spare", "tmpfs", NOSUID | NODEV, "mode=0755,size=1g")
        try:
            overlay(STAGE + "/spare", len(trees), options, own)
        except OSError as e:
            raise Problem(
                "the image's layers cannot be laid over each other (overlay: %s); this needs Linux 5.11 for a server"
                " of an ordinary user, and layers that are not themselves on two overlays" % e.strerror
            )
    return list(zip([inside for _, inside in plan["binds"]], kinds))


def outside_root(lines):
    return next(outside for inside, outside, _ in lines if inside == 0)


def place(root, path, folder):
    """Makes what something is mounted on, never by way of a link that the image brought."""
    names = [name for name in path.split("/") if name]
    at = os.dup(root)
    for depth, name in enumerate(names):
        last = depth == len(names) - 1
        found = look(at, name)
        if found is not None and stat.S_ISLNK(found.st_mode):
            if not last:
                raise Problem("%s of the image is a symbolic link, where %s must be put" % ("/".join([""] + names[: depth + 1]), path))
            os.unlink(name, dir_fd=at)
            found = None
        if last and not folder:
            if found is None:
                os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=at))
            break
        if found is None:
            os.mkdir(name, 0o1777 if path == "/tmp" else 0o755, dir_fd=at)
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)


def look(at, name):
    try:
        return os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return None


def read(path):
    """Fields that end with a zero byte: reading them needs nothing imported."""
    plan = {"groups": [], "uids": [], "gids": [], "binds": [], "folders": []}
    with open(path, "rb") as file:
        fields = iter(file.read().decode("utf-8", "surrogateescape").split("\0")[:-1])
    for name in fields:
        if name in ("uids", "gids"):
            plan[name].append([int(next(fields)) for _ in range(3)])
        elif name == "binds":
            plan[name].append((next(fields), next(fields)))
        elif name in ("groups", "folders"):
            plan[name].append(next(fields))
        else:
            plan[name] = next(fields)
    return plan


def join(groups):
    for door in groups:
        with open(door, "w") as file:
            file.write("0")


def main():
    plan = read(sys.argv[1])
    os.umask(0o022)
    users = None
    check(LIBC.unshare(NEW_MOUNTS), "mount namespace")
    if plan["uids"]:
        users = new_users(plan["uids"], plan["gids"])
    mount("none", "/", None, RECURSIVE | PRIVATE, None)
    mounted = lay_out(plan, users)
    if users is not None:
        # Not earlier: what was done until here must not count against the app's share of the processor.
        join(plan["groups"])
    if plan["low_ports"] == "yes":
        # The network belongs to this host, in which the image's root has no rights.
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w") as file:
            file.write("0")
    root = os.open(ROOT, os.O_RDONLY | os.O_DIRECTORY)
    if users is not None:
        check(LIBC.setns(users, NEW_USERS), "user namespace")
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    for path, folder in [(path, True) for path in plan["folders"]] + mounted:
        place(root, path, folder)
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    try:
        main()
    except Problem as e:
        sys.exit("mews: %s" % e)
    except OSError as e:
        if e.errno == errno.ENOSPC:
            sys.exit("mews: no space left for the root file system of the image")
        sys.exit("mews: the root file system of the image cannot be made: %s: %s" % (e.filename, e.strerror))
