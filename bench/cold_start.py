#!/usr/bin/env python3
"""Measures cold starts: the first byte of an app at zero runners, forked from a warm parent, as ratios against plain
starts of the same app by the same server. Standard library only.

cold_start.py [STARTS [PART...]]   how often each app is started each way, 50 if not given; which of hello, burst,
                                   scikit-learn and torch, all if not given
"""

import concurrent.futures
import datetime
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import first_light

STARTS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
PLAIN_STARTS = max(10, STARTS // 5)
BURST = 50
BURSTS = 3
HOLDS = 1.0
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"

APP = """
import fal
from pydantic import BaseModel
{imports}

class Input(BaseModel):
    name: str = "world"


class Cold(fal.App):
    requirements = {requirements}

    @fal.endpoint("/")
    def hello(self, input: Input) -> dict:
        return {{"message": f"Hello, {{input.name}}!"}}

    @fal.endpoint("/held")
    def held(self, input: Input) -> dict:
        import time

        time.sleep({holds})
        return {{}}
"""

# What a real app imports at the top of its file is imported when its pickle is decoded.
APPS = {
    "hello": ("", []),
    "scikit-learn": ("import sklearn.ensemble, sklearn.linear_model", ["scikit-learn"]),
    "torch": ("import torch", ["--extra-index-url", TORCH_INDEX, "torch"]),
}
PROJECT = """
[tool.fal.apps.{name}]
ref = "{name}.py::Cold"
auth = "public"
machine_type = "{machine}"
max_concurrency = {most}
keep_alive = 1
"""


def main():
    parts = sys.argv[2:] or ["burst", *APPS]
    with tempfile.TemporaryDirectory(prefix="mews-cold-") as folder:
        work = pathlib.Path(folder)
        work.chmod(0o755)
        project = work / "project"
        first_light.print_versions()
        measured = {}
        (work / "home").mkdir()
        with first_light.server(work, known=True) as mews:
            print(f"start-up cache of the JVM: {'yes' if has_cache(mews) else 'no'}", flush=True)
            ready = [name for name in parts if name in APPS and deploy(mews, project, name)]
            for name in ready:
                print(f"{name}: first start ever, without a parent: {start(mews, name, None)[0] * 1000:.0f} ms", flush=True)
                warm_up(mews, name)
                measured[name] = many(mews, name, STARTS)
                parents(mews)
            if "burst" in parts and ("hello" in ready or deploy(mews, project, "hello")):
                warm_up(mews, "hello")
                burst(mews)
                burst(mews, "/held")
        if not ready:
            return
        (work / "home" / "mews.toml").write_text("[runners]\nwarm_memory_mb = 0\n")
        with first_light.server(work, known=True) as mews:
            for name in ready:
                start(mews, name, None)
                compare(name, measured[name], many(mews, name, PLAIN_STARTS))


def has_cache(mews):
    """A server that was started for the first time since it was built has none, and makes one meanwhile."""
    return b"-XX:AOTCache=" in pathlib.Path(f"/proc/{mews.pid}/cmdline").read_bytes()


def deploy(mews, project, name):
    imports, requirements = APPS[name]
    project.mkdir(exist_ok=True)
    # Evaluated by the SDK on this side too, which has none of these packages: imported where it runs.
    text = APP.format(imports="", requirements=requirements, holds=HOLDS)
    if imports:
        text = text.replace("    @fal.endpoint", f"    def setup(self):\n        {imports}\n\n    @fal.endpoint")
    (project / f"{name}.py").write_text(text)
    (project / "pyproject.toml").write_text(
        PROJECT.format(name=name, machine="XS" if name == "hello" else "S", most=BURST if name == "hello" else 1)
    )
    try:
        mews.mews("deploy", name, cwd=project)
        return True
    except SystemExit as e:
        print(f"{name}: skipped, it cannot be deployed here: {str(e).strip().splitlines()[-1]}", flush=True)
        return False


def start(mews, name, before):
    """Seconds to the first byte from a runner that was not there, and its id."""
    for _ in range(100):
        took, runner = call(mews, name)
        if runner != before:
            return took, runner
        time.sleep(2.5)
    sys.exit(f"{name} does not scale to zero")


def call(mews, path):
    """Seconds from connecting to the first byte, and who answered. No HTTP client of Python's, whose own first steps
    after a pause take milliseconds."""
    address = urllib.parse.urlsplit(mews.run)
    request = (
        f"POST /local/{path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    ).encode()
    began = time.perf_counter()
    with socket.create_connection((address.hostname, address.port), timeout=120) as connection:
        connection.sendall(request)
        answer = connection.recv(65536)
        took = time.perf_counter() - began
        while more := connection.recv(65536):
            answer += more
    head = answer.decode().partition("\r\n\r\n")[0].split("\r\n")
    if head[0].split()[1] != "200":
        sys.exit(f"{path} answered {answer.decode()}")
    headers = dict(line.lower().split(": ", 1) for line in head[1:])
    return took, headers["x-fal-served-from"]


def warm_up(mews, name):
    """Until the parent has what the app imports, and its callable."""
    before = None
    for _ in range(4):
        _, before = start(mews, name, before)
        time.sleep(4)


def many(mews, name, times):
    totals, ways, before = [], {}, None
    for _ in range(times):
        time.sleep(2.5)
        took, before = start(mews, name, before)
        totals.append(took)
        way = started(mews, before)
        ways[way] = ways.get(way, 0) + 1
    print(f"{name}: {times} starts {ways}: {quantiles(totals)} ({load()})", flush=True)
    phases(mews, before)
    return totals


def facts(mews, runner):
    return json.loads(mews.get(f"{mews.api}/v1/mews/runners/{runner}/history")[1])["facts"]


def started(mews, runner):
    for _ in range(20):
        for fact in facts(mews, runner):
            if fact["event"] == "ready":
                return fact["details"].get("started", "?")
        time.sleep(0.1)
    return "?"


def phases(mews, runner):
    found = [fact["details"] for fact in facts(mews, runner) if fact["event"] == "phase"]
    print("  phases of the last: " + ", ".join(f"{each['name']} {each['ms']} ms" for each in found), flush=True)


def parents(mews):
    shown = subprocess.run(
        f"grep -a 'a parent is warm' {mews.home.parent}/server.log | tail -n 1", shell=True, capture_output=True, text=True
    )
    print("  " + shown.stdout.strip(), flush=True)


def load():
    return "load average %.1f, %.1f, %.1f" % os.getloadavg()


def burst(mews, path=""):
    """Counts only as one at zero runners if none was there before: starts of the last may have gone on. By `/held`
    each request keeps its runner busy, so that there have to be as many runners as requests."""
    for _ in range(BURSTS):
        time.sleep(8)
        with concurrent.futures.ThreadPoolExecutor(BURST) as callers:
            began, epoch = time.perf_counter(), time.time()
            calls = [callers.submit(call, mews, "hello" + path) for _ in range(BURST)]
            runners = {each.result()[1] for each in calls}
            took = time.perf_counter() - began
        ready = sorted(at_ready(mews, runner) for runner in runners)
        new = [at - epoch for at in ready if at >= epoch]
        held = f", each held for {HOLDS:.0f} s" if path else ""
        print(
            f"burst of {BURST} at zero runners{held}: all answered in {took:.2f} s by {len(runners)} runners,"
            f" {len(ready) - len(new)} of which were there before; the last was ready after {max(new, default=0):.2f} s,"
            f" {len(new) / max(new, default=1):.0f} starts/s ({load()})",
            flush=True,
        )


def at_ready(mews, runner):
    started(mews, runner)
    at = next(fact["at"] for fact in facts(mews, runner) if fact["event"] == "ready")
    return datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def compare(name, warm, plain):
    ratio = statistics.median(plain) / statistics.median(warm)
    print(
        f"{name}: a plain start takes {ratio:.1f} times as long: {quantiles(plain)} / {quantiles(warm)}", flush=True
    )


def quantiles(values):
    ordered = sorted(values)
    last = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99) - 1)]
    return f"p50 {statistics.median(ordered) * 1000:.0f} ms, p99 {last * 1000:.0f} ms, best {ordered[0] * 1000:.0f} ms"


if __name__ == "__main__":
    main()
