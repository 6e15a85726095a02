#!/usr/bin/env python3
"""Measures how soon an environment is there, as ratios against the `isolate` package. Standard library only.

`isolate` goes into a virtual environment of its own, which this program makes; so does a gRPC client, by which both
sides are asked from one process. A build counts until its first successful import. The ways take turns, and medians are
compared, for the machine may have other work. Package caches are warm but for the lines that say cold. Arguments choose
among `first`, `added` and `cached`; ROUNDS and COLD_ROUNDS are variables.
"""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import first_light as common

# By default Python keeps byte code, as a runner of isolate does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = common.ROOT
ROUNDS = int(os.environ.get("ROUNDS", "5"))
COLD_ROUNDS = int(os.environ.get("COLD_ROUNDS", "2"))
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

# What examples/classifier asks for, and a proof that it is there.
LIST = ["scikit-learn>=1.3,<2"]
PROOF = "from sklearn.linear_model import LogisticRegression"
ADDED = "humanize"
ADDED_PROOF = "import humanize"

PEER = """
import json, os, pathlib, subprocess, sys, time

import grpc
from isolate.backends.settings import IsolateSettings
from isolate.backends.virtualenv import VirtualPythonEnvironment
from isolate_proto import BuildEnvironmentRequest, EnvironmentDefinition, IsolateControllerStub
from google.protobuf.struct_pb2 import Struct

work, home, target, key_id, key_secret = sys.argv[1:6]
# What is said on the way must not mix with the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
settings = IsolateSettings(cache_dir=pathlib.Path(work) / "isolate")
channel = grpc.insecure_channel(target)
stub = IsolateControllerStub(channel)


def quiet(line, env=None):
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL, env=env)


def peer(layers, resolver, proof):
    began = time.monotonic()
    made = VirtualPythonEnvironment.from_config(
        {"requirements": layers, "resolver": resolver}, settings=settings).create()
    quiet([str(made / "bin/python"), "-c", proof])
    took = time.monotonic() - began
    # Deleted later: ext4 searches past inodes that were freed in the last minutes, and the next build would pay for it.
    made.rename("%s-%d" % (made, time.time_ns()))
    return took


def mews(layers, proof):
    known = set(os.listdir(home + "/layers"))
    began = time.monotonic()
    configuration = Struct()
    configuration.update({"requirements": layers, "python_version": "%d.%d" % sys.version_info[:2], "resolver": "uv"})
    request = BuildEnvironmentRequest(
        environments=[EnvironmentDefinition(kind="virtualenv", configuration=configuration)])
    metadata = [("auth-key-id", key_id), ("auth-key", key_secret)]
    for answer in stub.BuildEnvironment(request, metadata=metadata):
        pass
    assert answer.env_id, answer
    new = sorted(set(os.listdir(home + "/layers")) - known, key=lambda name: os.stat(home + "/layers/" + name).st_ctime)
    below = [name for name in os.environ.get("BELOW", "").split(":") if name]
    path = ":".join("%s/layers/%s/site" % (home, name) for name in list(reversed(new)) + below)
    quiet([sys.executable, "-S", "-c", proof], dict(os.environ, PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1"))
    os.environ["LAST"] = ":".join(reversed(new))
    return time.monotonic() - began


for line in sys.stdin:
    asked = json.loads(line)
    if asked["way"] == "mews":
        os.environ["BELOW"] = asked.get("below", "")
        took = mews(asked["layers"], asked["proof"])
        print(json.dumps({"took": took, "layers": os.environ["LAST"]}), file=answers, flush=True)
    else:
        took = peer(asked["layers"], "uv" if asked["way"] == "isolate uv" else None, asked["proof"])
        print(json.dumps({"took": took}), file=answers, flush=True)
"""

WAYS = ("mews", "isolate uv", "isolate pip")

APPS = """
import fal


class Small(fal.App):
    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


class Large(fal.App):
    requirements = ["scikit-learn>=1.3,<2", "pandas"]

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}
"""


def main():
    with tempfile.TemporaryDirectory(prefix="mews-bench-") as folder:
        os.chmod(folder, 0o755)
        work = pathlib.Path(folder)
        common.print_versions()
        client = peer_python(work)
        with common.server(work) as mews, asker(client, work, mews) as ask:
            # Packages that runners need themselves are installed once for each server; they are no part of this.
            ask("mews", ["humanize"], "import humanize")
            wanted = sys.argv[1:] or ["first", "added", "cached"]
            if "first" in wanted:
                measure_first_builds(mews, ask, work)
            if "added" in wanted:
                measure_added_layer(mews, ask)
            if "cached" in wanted:
                measure_cached(mews, work)


def peer_python(work):
    venv = work / "peer"
    common.quiet([sys.executable, "-m", "venv", str(venv)])
    python = str(venv / "bin/python")
    packages = ["isolate[build]", "isolate-proto", "grpcio", "virtualenv", "uv"]
    common.quiet([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages])
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], capture_output=True, text=True, check=True)
    versions = {each["name"].replace("_", "-"): each["version"] for each in json.loads(listed.stdout)}
    wanted = ("isolate", "isolate-proto", "virtualenv", "uv", "pip")
    print("peer:", ", ".join(f"{name} {versions.get(name, '?')}" for name in wanted), "| Python", sys.version.split()[0])
    return python


@contextlib.contextmanager
def asker(python, work, mews):
    script = work / "peer.py"
    script.write_text(PEER)
    env = dict(os.environ, UV_CACHE_DIR=str(work / "uv-cache"), PIP_CACHE_DIR=str(work / "pip-cache"))
    env["PATH"] = os.path.dirname(python) + ":" + env["PATH"]
    env["ISOLATE_UV_EXE"] = os.path.dirname(python) + "/uv"
    key_id, key_secret = mews.key.split(":")
    target = mews.api.split("://", 1)[1]
    line = [python, str(script), str(work), str(mews.home), target, key_id, key_secret]
    with open(work / "peer.log", "w") as log:
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=env)

    def ask(way, layers, proof, **more):
        process.stdin.write(json.dumps({"way": way, "layers": layers, "proof": proof, **more}) + "\n")
        process.stdin.flush()
        said = process.stdout.readline()
        if not said:
            sys.exit("the measuring process ended:\n" + (work / "peer.log").read_text()[-3000:])
        return json.loads(said)

    try:
        yield ask
    finally:
        process.stdin.close()
        process.wait(30)


_spelled = 0


def spelled():
    """The same requirements, written so that no cache of environments knows them."""
    global _spelled
    _spelled += 1
    return LIST + [f"joblib!=0.0.{_spelled}"]


def measure_first_builds(mews, ask, work):
    for caches, rounds in (("cold", COLD_ROUNDS), ("warm", ROUNDS)):
        if caches == "warm":
            # The cold rounds left each way without caches but the last.
            for way in WAYS:
                first_build(mews, ask, way)
        took = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                if caches == "cold":
                    clear(mews, work)
                took[way].append(first_build(mews, ask, way))
        ratios(f"first build to first import, {caches}", took)


def first_build(mews, ask, way):
    done = ask(way, spelled(), PROOF)
    if way == "mews":
        byte_code_there(mews, done["layers"])
    return done["took"]


def measure_added_layer(mews, ask):
    took = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        first = spelled()
        below = ask("mews", first, PROOF)["layers"]
        byte_code_there(mews, below)
        done = ask("mews", [first, [ADDED]], ADDED_PROOF, below=below)
        took["mews"].append(done["took"])
        byte_code_there(mews, done["layers"])
        for way in WAYS[1:]:
            # isolate knows no layers to build upon: it makes the whole anew.
            took[way].append(ask(way, [first, [ADDED]], ADDED_PROOF)["took"])
    ratios("one requirement added in a second layer", took)


def byte_code_there(mews, layers):
    """What Mews does after a build must not take from the others' rounds, and belongs to warm caches."""
    for layer in layers.split(":"):
        while not (mews.home / "layers" / layer / "byte-code").exists():
            time.sleep(0.1)


def measure_cached(mews, work):
    app = work / "apps"
    app.mkdir()
    (app / "app.py").write_text(APPS)
    (app / "pyproject.toml").write_text(
        "".join(
            f'[tool.fal.apps.{name.lower()}]\nref = "app.py::{name}"\nauth = "public"\nkeep_alive = 3600\n'
            for name in ("Small", "Large")
        )
    )
    prepared = {}
    for name in ("small", "large"):
        mews.mews("deploy", name, cwd=app)
        mews.get(f"{mews.run}/local/{name}", "POST", b"{}")
    for _ in range(ROUNDS):
        for name in ("small", "large"):
            common.runner_gone(mews)
            headers, _ = mews.get(f"{mews.run}/local/{name}", "POST", b"{}")
            prepared.setdefault(name, []).append(until_sandbox(mews, headers["x-fal-served-from"]))
    small, large = (statistics.median(prepared[name]) * 1000 for name in ("small", "large"))
    common.report(
        "cached environment, order to start of the sandbox, large / small",
        f"{large / small:.2f}  ({large:.1f} ms / {small:.1f} ms; {large - small:+.1f} ms for its size)",
    )


def until_sandbox(mews, runner):
    """Seconds from the order for a runner to the start of its process: its environment is made ready in between."""
    _, body = mews.get(f"{mews.api}/v1/mews/runners/{runner}/history")
    facts = json.loads(body)["facts"]
    began = min(common.parse_time(fact["at"]) for fact in facts)
    launched = [
        common.parse_time(fact["at"])
        for fact in facts
        if fact["event"] == "launched" or (fact["event"] == "phase" and fact["details"].get("name") == "sandbox")
    ]
    return min(launched) - began


def clear(mews, work):
    """Puts caches aside, to be deleted in the end."""
    aside = pathlib.Path(tempfile.mkdtemp(prefix="aside-", dir=work))
    for cache in (mews.home / "layers/.builds/local/cache", work / "uv-cache", work / "pip-cache"):
        if cache.exists():
            cache.rename(aside / f"{cache.parent.name}-{cache.name}")
    os.sync()


def ratios(what, took):
    medians = {way: statistics.median(seconds) for way, seconds in took.items()}
    for way in WAYS[1:]:
        common.report(
            f"{what}: {way} / Mews",
            f"{medians[way] / medians['mews']:.2f}  ({medians[way]:.2f} s / {medians['mews']:.2f} s, n={len(took[way])})",
        )


if __name__ == "__main__":
    main()
