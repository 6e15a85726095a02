#!/usr/bin/env python3
"""Measures container images: a start against podman's, a rebuild against buildah's own. Standard library only."""

import contextlib
import os
import pathlib
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import first_light
from first_light import ROOT, report, server, timed

ROUNDS = 12
REBUILDS = 7
PORT = 8080
TOOLS = ("sh", "cat", "ls", "mkdir", "touch")


def main():
    for tool in ("podman", "buildah"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not on the PATH; on Debian: apt-get install podman buildah")
    if os.getuid() != 0:
        sys.exit("run it as root: an ordinary user's podman has another network and another storage, which is not the same task")
    with tempfile.TemporaryDirectory(prefix="mews-bench-") as folder:
        os.chmod(folder, 0o755)
        work = pathlib.Path(folder)
        print_versions()
        project = work / "project"
        shutil.copytree(ROOT / "bench/image", project)
        pack_base(project / "base.tar")
        with server(work) as mews, peer(work) as store:
            measure_rebuild(mews, project, store)
            measure_start(mews, project, store)


# -- what both get ------------------------------------------------------------------------------------------------------


def pack_base(target):
    """A root file system made of this machine's own Python, so that nothing is fetched from anywhere."""
    python = pathlib.Path("/usr/bin/python3").resolve()
    library = pathlib.Path(ask(python, "import os; print(os.path.dirname(os.__file__))"))
    programs = [python] + [pathlib.Path(shutil.which(tool)) for tool in TOOLS]
    modules = sorted((library / "lib-dynload").glob("*.so"))
    needed = sorted({file for program in programs + modules for file in libraries(program)})
    root = target.with_suffix("")
    for folder in ("usr/bin", "usr/lib", "usr/lib64", "etc", "tmp", "root"):
        (root / folder).mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (root / name).symlink_to("usr/" + name)
    ignore = shutil.ignore_patterns("test", "config-*", "idlelib", "tkinter", "ensurepip", "site-packages", "dist-packages")
    shutil.copytree(library, root / str(library)[1:], ignore=ignore, ignore_dangling_symlinks=True)
    for file in programs:
        shutil.copy2(file, root / "usr/bin" / file.name)
    for file in needed:
        (root / file[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, root / file[1:])
    (root / "usr/bin/python3").symlink_to(python.name)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/tmp:/bin/sh\n")
    (root / "tmp").chmod(0o1777)
    quiet("tar", "-C", str(root), "--owner=0", "--group=0", "--numeric-owner", "-cf", str(target), ".")
    shutil.rmtree(root)


def ask(python, code):
    return subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def libraries(program):
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True).stdout
    return [word for word in said.split() if word.startswith("/") and os.path.exists(word)]


@contextlib.contextmanager
def peer(work):
    """A store of its own for buildah and podman, gone afterwards."""
    options = ["--root", str(work / "store"), "--runroot", str(work / "run"), "--storage-driver", "overlay"]
    try:
        yield options
    finally:
        subprocess.run(["podman", *options, "rm", "-af"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["buildah", *options, "rm", "-a"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["podman", *options, "rmi", "-af"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["umount", str(work / "store/overlay")], stderr=subprocess.DEVNULL)


# -- measurements -------------------------------------------------------------------------------------------------------


def measure_rebuild(mews, project, store):
    """Both know the image already; what is asked is how long each takes to find out."""
    build = ["buildah", *store, "build", "--layers", "--isolation", "chroot", "-t", "bench", str(project)]
    first_peer = timed(lambda: quiet(*build))
    first_ours = timed(lambda: mews.mews("deploy", "bench", cwd=project))
    plain = timed_median(lambda: mews.mews("apps", "list", cwd=project), REBUILDS)
    ours, peers, whole = [], [], []
    for _ in range(REBUILDS):
        peers.append(timed(lambda: quiet(*build)))
        began = time.monotonic()
        mews.mews("deploy", "bench", cwd=project)
        whole.append(time.monotonic() - began)
        ours.append(whole[-1] - plain)
    a, b = statistics.median(ours), statistics.median(peers)
    report("image, first build, Mews / buildah", f"{first_ours / first_peer:.2f}  ({first_ours:.2f} s / {first_peer:.2f} s)")
    report(
        "image, nothing changed, Mews / buildah",
        f"{a / b:.2f}  ({a * 1000:.0f} ms / {b * 1000:.0f} ms; a whole `mews deploy` takes"
        f" {statistics.median(whole) * 1000:.0f} ms, of which {plain * 1000:.0f} ms any command takes)",
    )


def measure_start(mews, project, store):
    """From the wish to the first answer, the image ready on both sides, in turn."""
    call = mews.run + "/local/bench"
    mews.get(call, "GET")
    ours, podmans, phases = [], [], {}
    for _ in range(ROUNDS):
        podmans.append(podman_start(store))
        first_light.runner_gone(mews)
        began = time.time()
        headers, _ = mews.get(call, "GET")
        ours.append(time.time() - began)
        runner = headers["x-fal-served-from"]
        for name, seconds in first_light.phases_of(mews, runner, began, began + ours[-1]):
            phases.setdefault(name, []).append(seconds)
    a, b = statistics.median(ours), statistics.median(podmans)
    report(
        "image, request to first answer at zero runners / podman run",
        f"{a / b:.2f}  ({a * 1000:.0f} ms / {b * 1000:.0f} ms; best {min(ours) * 1000:.0f} / {min(podmans) * 1000:.0f} ms)",
    )
    for name, seconds in phases.items():
        share = statistics.median(seconds)
        report(f"  of that: {name}", f"{share / a:.2f}  ({share * 1000:.0f} ms)")


def podman_start(store):
    """With the default network and a published port, as the same image is usually run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # podman's own defaults may be above what this machine's root may set.
    limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"]
    line = ["podman", *store, "run", "-d", "--rm", *limits, "-p", f"127.0.0.1:{port}:{PORT}", "bench"]
    began = time.time()
    run = subprocess.run(line, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit("podman run: " + run.stderr)
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    answer.read()
                return time.time() - began
            except OSError:
                if time.time() - began > 30:
                    sys.exit("podman's container never answered")
                time.sleep(0.001)
    finally:
        quiet("podman", *store, "kill", run.stdout.strip())


# -- helpers ------------------------------------------------------------------------------------------------------------


def print_versions():
    def first_line(*words):
        done = subprocess.run(words, capture_output=True, text=True)
        return (done.stdout + done.stderr).strip().splitlines()[0]

    print("machine:", os.cpu_count(), "cores,", platform.platform())
    tools = ("podman", "buildah", "bwrap", "runc")
    print("versions:", " | ".join(first_line(tool, "--version") for tool in tools))
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    print("mews:", commit.stdout.strip() or "not a git checkout", flush=True)


def timed_median(work, times):
    return statistics.median(timed(work) for _ in range(times))


def quiet(*line):
    subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
