"""Drives fal's official command line and SDK against a running server, and prints a table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import clients
import commands
import failures
import flags
import further
import kinds
import manage
import refusals
import sdk
import terminal

HERE = Path(__file__).resolve().parent
MEWS = HERE.parent / "mews"
FAL = "1.83.0"
FAL_CLIENT = "1.0.3"


class Client:
    """The official client with the settings that `mews env` gives."""

    def __init__(self, home, folder, environment, within, image=None):
        self.python, self.fal = home / "bin/python", home / "bin/fal"
        self.folder, self.environment, self.within, self.image = folder, environment, within, image

    def __call__(self, *words, **more):
        """Runs a command line of fal."""
        environment = self.environment | more.pop("environment", {})
        folder = more.pop("folder", self.folder)
        return terminal.run([*self.within, str(self.fal), *words], environment, folder, **more)

    def script(self, function, **more):
        """Runs a function of one of these files with the client's Python."""
        return terminal.run(
            [*self.within, str(self.python), function.__code__.co_filename, function.__name__],
            self.environment,
            self.folder,
            **more,
        )

    def json(self, *words):
        ended = self(*words, "--json").expect()
        return json.loads(ended.text[ended.text.index("{") :])


def install(version, folder):
    """A virtual environment with the pinned client; kept from one run to the next."""
    home = folder / f"fal-{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    if not (home / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run(
            [home / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            + [f"fal=={version}", f"fal-client=={FAL_CLIENT}"],
            check=True,
        )
        (home / "complete").touch()
    return home


def with_names(folder):
    """What to put before a command so that it knows the server's names; nobody else learns of them."""
    hosts = folder / "hosts"
    hosts.write_text(Path("/etc/hosts").read_text())
    subprocess.run([str(MEWS), "hosts", "--install", "--file", str(hosts)], check=True)
    return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]


def settings(folder, within):
    """The variables of a shell that has evaluated `mews env`."""
    config = folder / "config.toml"
    config.write_text("check_updates = false\n")
    own = {
        "HOME": str(folder),
        "FAL_HOME_DIR": str(folder / "fal"),
        "FAL_CONFIG_PATH": str(config),
        "MEWS": str(MEWS),
    }
    shell = subprocess.run(
        [*within, "sh", "-c", f"eval \"$('{MEWS}' env)\" && env -0"],
        env=os.environ | own,
        stdout=subprocess.PIPE,
        check=True,
    )
    pairs = (each.split("=", 1) for each in shell.stdout.decode().split("\0") if "=" in each)
    return dict(pairs)


def number(version):
    return [int(part) for part in version.split(".")]


def try_row(row, client):
    began = time.monotonic()
    try:
        row.check(client)
        return True, time.monotonic() - began, ""
    except Exception as problem:  # every row has a line in the table
        if not isinstance(problem, AssertionError):
            traceback.print_exc()
        return False, time.monotonic() - began, str(problem) or type(problem).__name__


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fal", default=FAL, help="version of the official client")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--quick", action="store_true", help="without the rows that take long")
    parser.add_argument("--names", action="store_true", help="by the names of tls.domain; as root")
    parser.add_argument("--image", help="a base image with Python, for the rows of container images")
    parser.add_argument("--clients", type=Path, default=HERE.parent / "target/conformance")
    asked = parser.parse_args()
    home = install(asked.fal, asked.clients.resolve())
    rows = [row for part in (commands, sdk, clients, flags, manage, further, kinds, failures, refusals) for row in part.ROWS]
    rows = [row for row in rows if asked.only in row.name and not (asked.quick and row.long)]
    rows = [row for row in rows if number(row.since) <= number(asked.fal) and (asked.image or not row.image)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="mews-conformance-") as folder:
        folder = Path(folder)
        for name in ("apps.py", "shapes.py", "others.py", "habits.py", "contained.py", "neighbour.py"):
            (folder / name).write_text((HERE / name).read_text())
        within = with_names(folder) if asked.names else []
        client = Client(home, folder, settings(folder, within), within, asked.image)
        print(f"fal {asked.fal} against {client.environment['FAL_GRPC_HOST']}, over TLS\n", flush=True)
        for row in rows:
            passed, seconds, problem = try_row(row, client)
            failed += not passed
            print(f"{'passed' if passed else 'FAILED'}  {seconds:6.1f} s  {row.name}", flush=True)
            if problem:
                print(f"        {problem}", flush=True)
    print(f"\n{len(rows) - failed} of {len(rows)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
