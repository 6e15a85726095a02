#!/usr/bin/env python3
"""Measures what a server costs that holds many apps which nobody calls: the resident memory of server and database, warm
parents apart, and the processor time of its ticks. Standard library only, but for the SDK that registers the apps.

idle_apps.py SDK [APPS]    SDK: an interpreter that has fal's SDK; APPS: how many, 1000 if not given
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

QUIET = int(os.environ.get("QUIET", "60"))
APP = """
import fal


class Idle(fal.App):
    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}
"""


def main():
    import first_light

    sdk, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory(prefix="mews-idle-") as folder:
        work = pathlib.Path(folder)
        work.chmod(0o755)
        (work / "home").mkdir()
        (work / "app.py").write_text(APP)
        first_light.print_versions()
        with first_light.server(work, known=True) as mews:
            report(mews, 0)
            for sofar in (1, count):
                began = time.monotonic()
                register(sdk, mews, work / "app.py", sofar)
                print(f"{sofar} apps registered in {time.monotonic() - began:.0f} s", flush=True)
            for app in (0, count - 1):
                mews.get(f"{mews.run}/local/idle-{app}", "POST", b"{}")
            report(mews, count)
        with first_light.server(work, known=True) as mews:
            print("begun again:")
            report(mews, count)


def register(sdk, mews, app, count):
    host = mews.api.partition("//")[2]
    environment = dict(os.environ, FAL_KEY=mews.key, FAL_HOST=host, FAL_GRPC_HOST=host, ISOLATE_TEST_MODE="1")
    command = [sdk, __file__, "--register", str(app), str(count)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"the apps were not registered:\n{done.stderr[-2000:]}")


def register_all(app, count):
    from fal.api import FalServerlessHost
    from fal.utils import load_function_from

    host = FalServerlessHost()
    loaded = load_function_from(host, app, "Idle").function
    for number in range(count):
        host.register(
            loaded.func,
            loaded.options,
            application_name=f"idle-{number}",
            application_auth_mode="public",
            deployment_strategy="recreate",
        )


def report(mews, apps):
    """After a while in which nothing is asked of it."""
    time.sleep(QUIET)
    before = seconds(mews.pid)
    time.sleep(QUIET)
    used = (seconds(mews.pid) - before) / QUIET
    database = [each for each in below(mews.pid) if name(each) == "postgres"]
    parents = [each for each in below(mews.pid) if name(each) not in ("postgres",)]
    server = status(mews.pid, "VmRSS")
    # Backends share their buffers: each page is counted once.
    stored = sum(proportional(each) for each in database)
    warm = sum(proportional(each) for each in parents)
    print(
        f"{apps} apps, idle: server {server} MB + database {stored} MB = {server + stored} MB resident; warm parents and"
        f" their helpers {warm} MB in {len(parents)} processes; the server uses {used * 100:.1f} % of one processor",
        flush=True,
    )


def below(pid):
    """All processes that descend from one."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


def name(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def status(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) // 1000
    return 0


def proportional(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) // 1000
    except OSError:
        pass
    return 0


def seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--register"]:
        register_all(sys.argv[2], int(sys.argv[3]))
    else:
        main()
