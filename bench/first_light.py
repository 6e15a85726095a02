#!/usr/bin/env python3
"""Measures the way of a request through Mews, as ratios against what bounds it. Standard library only."""

import contextlib
import datetime
import glob
import hashlib
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEWS = str(ROOT / "mews")
TICK = os.sysconf("SC_CLK_TCK")
SECONDS = 4
ROUNDS = 5
WARM_UP = 4
CONNECTIONS = 16


def main():
    for tool in ("wrk", "nginx"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not on the PATH; on Debian: apt-get install wrk nginx-light")
    with tempfile.TemporaryDirectory(prefix="mews-bench-") as folder:
        os.chmod(folder, 0o755)
        work = pathlib.Path(folder)
        print_versions()
        with server(work) as mews:
            measure_builds(mews)
            measure_proxy(mews, work)
            measure_queue(mews, work)
            measure_cold_start(mews)
        measure_help(work)


# -- a server of our own ------------------------------------------------------------------------------------------------


class Server:
    """A running server and the key to it."""

    def __init__(self, home):
        self.home = home
        told = json.loads((home / "server.json").read_text())
        self.pid, self.run, self.queue, self.api = told["pid"], told["run"], told["queue"], told["api"]
        self.key = (home / "credentials").read_text().strip()

    def mews(self, *words, cwd=ROOT / "bench/app"):
        env = dict(os.environ, MEWS_HOME=str(self.home))
        done = subprocess.run([MEWS, *words], cwd=cwd, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"mews {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def get(self, url, method="GET", body=None, headers=None):
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        request.add_header("Authorization", f"Key {self.key}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.headers, answer.read()

    def socket(self, runner):
        """The socket of a runner: the server names it by the end of the runner's id."""
        mark = hashlib.sha256(str(self.home).encode()).hexdigest()[:8]
        if os.getuid() == 0:
            base = pathlib.Path("/run/mews")
        elif os.environ.get("XDG_RUNTIME_DIR"):
            base = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / "mews"
        else:
            base = pathlib.Path(tempfile.gettempdir()) / ("mews-" + os.environ.get("USER", ""))
        return str(base / mark / "e" / runner[24:])


@contextlib.contextmanager
def server(work, known=False):
    """
    :param known: whether the home folder is there already
    """
    home = work / "home"
    home.mkdir(exist_ok=known)
    (home / "server.json").unlink(missing_ok=True)
    if not known:
        # Runners that were forked have sockets of other names; cold_start.py measures those.
        (home / "mews.toml").write_text("[runners]\nwarm_memory_mb = 0\n")
    env = dict(os.environ, MEWS_HOME=str(home))
    log = open(work / "server.log", "w")
    process = subprocess.Popen([MEWS, "serve"], env=env, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 180
        while not (home / "server.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("the server did not start:\n" + (work / "server.log").read_text())
            time.sleep(0.1)
        yield Server(home)
    finally:
        process.terminate()
        process.wait(60)


# -- measurements -------------------------------------------------------------------------------------------------------


def measure_builds(mews):
    mews.mews("check")
    first = timed(lambda: mews.mews("deploy", "bench"))
    again = [timed(lambda: mews.mews("deploy", "bench-cached")) for _ in range(3)]
    cached = statistics.median(again)
    report(
        "deploy, environment cached / first build",
        f"{cached / first:.3f}  ({cached:.2f} s / {first:.2f} s)",
    )


def measure_proxy(mews, work):
    headers, _ = mews.get(mews.run + "/local/bench", "POST", b"{}")
    with nginx(work, mews.socket(headers["x-fal-served-from"])) as (port, pid):
        targets = {
            "mews": (mews.run + "/local/bench", mews.pid),
            "nginx": (f"http://127.0.0.1:{port}/", pid),
        }
        # The compiler of a JVM needs some ten thousand requests until it has done its work.
        for _ in range(WARM_UP):
            for url, _ in targets.values():
                wrk(work, url, CONNECTIONS, SECONDS)
        cost = {name: [] for name in targets}
        rate = {name: [] for name in targets}
        for _ in range(ROUNDS):
            for name, (url, pid_of) in targets.items():
                before = cpu_seconds(pid_of)
                done = wrk(work, url, CONNECTIONS, SECONDS)
                cost[name].append((cpu_seconds(pid_of) - before) / max(1, done) * 1e6)
                rate[name].append(done / SECONDS)
    ratios = [a / b for a, b in zip(cost["mews"], cost["nginx"])]
    report(
        "processor time of a sync call, Mews / nginx",
        f"{statistics.median(ratios):.2f}  ({statistics.median(cost['mews']):.0f} us /"
        f" {statistics.median(cost['nginx']):.0f} us; rounds {', '.join(f'{r:.2f}' for r in ratios)})",
    )
    rates = [a / b for a, b in zip(rate["mews"], rate["nginx"])]
    report("throughput before the same runner, Mews / nginx", f"{statistics.median(rates):.2f}")


def measure_queue(mews, work):
    syncs = fdatasyncs_per_second(work)
    url = mews.queue + "/local/bench"
    wrk(work, url, 64, 2)
    done = wrk(work, url, 64, SECONDS) / SECONDS
    mews.get(mews.api + "/applications/local/bench/queue", "DELETE")
    report(
        "durable submits per second / fdatasync per second",
        f"{done / syncs:.2f}  ({done:.0f} / {syncs:.0f}, 64 connections)",
    )


def measure_cold_start(mews):
    plain = statistics.median(timed(lambda: plain_import(mews)) for _ in range(5))
    totals, phases = [], {}
    for _ in range(5):
        runner_gone(mews)
        began = time.time()
        headers, _ = mews.get(mews.run + "/local/bench", "POST", b"{}")
        totals.append(time.time() - began)
        for name, seconds in phases_of(mews, headers["x-fal-served-from"], began, began + totals[-1]):
            phases.setdefault(name, []).append(seconds)
    total = statistics.median(totals)
    report(
        "first byte at zero runners / plain import of fastapi and uvicorn",
        f"{total / plain:.2f}  ({total * 1000:.0f} ms / {plain * 1000:.0f} ms)",
    )
    for name, seconds in phases.items():
        share = statistics.median(seconds)
        report(f"  of that: {name}", f"{share / total:.2f}  ({share * 1000:.0f} ms)")


def measure_help(work):
    java = subprocess.run([MEWS, "--print-java-home"], capture_output=True, text=True, check=True).stdout.strip()
    (work / "Bare.java").write_text("class Bare { public static void main(String[] a) { System.out.println(1); } }")
    subprocess.run([f"{java}/bin/javac", "-d", str(work), str(work / "Bare.java")], check=True)
    bare_line = [f"{java}/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(work), "Bare"]
    for _ in range(5):
        quiet([MEWS, "--help"])
    bare, ours = [], []
    for _ in range(15):
        bare.append(timed(lambda: quiet(bare_line)))
        ours.append(timed(lambda: quiet([MEWS, "--help"])))
    a, b = statistics.median(ours), statistics.median(bare)
    verdict = "under" if a < 2 * b + 0.1 else "over"
    report(
        "mews --help, warm / bare JVM start",
        f"{a / b:.2f}  ({a * 1000:.0f} ms / {b * 1000:.0f} ms; {verdict} twice a bare start plus 100 ms)",
    )


# -- helpers ------------------------------------------------------------------------------------------------------------


def print_versions():
    def first_line(*words):
        done = subprocess.run(words, capture_output=True, text=True)
        return (done.stdout + done.stderr).strip().splitlines()[0]

    java = subprocess.run([MEWS, "--print-java-home"], capture_output=True, text=True, check=True).stdout.strip()
    print("machine:", os.cpu_count(), "cores,", platform.platform())
    print("versions:", first_line(f"{java}/bin/java", "-version"), "|", first_line("nginx", "-v"), "|", first_line("wrk", "-v"))
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    print("mews:", commit.stdout.strip() or "not a git checkout", flush=True)


def report(what, value):
    print(f"{what:<66} {value}", flush=True)


def timed(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def quiet(line):
    subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def wrk(work, url, connections, seconds):
    """Returns how many requests were answered with 2xx."""
    script = work / "post.lua"
    script.write_text('wrk.method = "POST"\nwrk.body = "{}"\nwrk.headers["Content-Type"] = "application/json"\n')
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(script), url],
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout:
        sys.exit(f"calls of {url} failed:\n{done.stdout}")
    return int(done.stdout.split(" requests in ")[0].split()[-1])


@contextlib.contextmanager
def nginx(work, socket):
    port = 18080
    folder = work / "nginx"
    folder.mkdir()
    (folder / "nginx.conf").write_text(
        f"""
        worker_processes 1;
        daemon off;
        master_process off;
        pid {folder}/pid;
        error_log {folder}/error.log;
        events {{ worker_connections 1024; }}
        http {{
            access_log off;
            client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
            upstream runner {{ server unix:{socket}; keepalive 64; }}
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://runner; proxy_http_version 1.1; proxy_set_header Connection "";
                }}
            }}
        }}
        """
    )
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        time.sleep(1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def fdatasyncs_per_second(work):
    with open(work / "synced", "wb") as file:
        count, end = 0, time.monotonic() + 2
        while time.monotonic() < end:
            file.write(b"x" * 512)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    return count / 2


def plain_import(mews):
    site = max(glob.glob(str(mews.home / "layers/*/site")), key=lambda path: os.path.isdir(path + "/uvicorn"))
    quiet([sys.executable, "-S", "-c", f"import sys; sys.path.append({site!r}); import fastapi, uvicorn"])


def runner_gone(mews):
    for runner in json.loads(mews.mews("runners", "list", "--json"))["runners"]:
        mews.mews("runners", "kill", runner["runner_id"])
    while json.loads(mews.mews("runners", "list", "--json"))["runners"]:
        time.sleep(0.1)


def phases_of(mews, runner, began, ended):
    """From the facts that the server keeps: when each phase of the runner's start began."""
    _, body = mews.get(f"{mews.api}/v1/mews/runners/{runner}/history")
    marks = [("decision", began)]
    for fact in json.loads(body)["facts"]:
        at = parse_time(fact["at"])
        if fact["event"] == "phase":
            marks.append((fact["details"]["name"], at))
        elif fact["event"] in ("launched", "ready"):
            marks.append(({"launched": "sandbox", "ready": "first response"}[fact["event"]], at))
    marks.sort(key=lambda mark: mark[1])
    marks.append(("end", ended))
    return [(name, later - at) for (name, at), (_, later) in zip(marks, marks[1:])]


def parse_time(text):
    return datetime.datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    main()
