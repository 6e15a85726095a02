"""Rows of the command line, in the order in which a person would come to them."""

import re
import subprocess
import time
from pathlib import Path

import terminal
from rows import Rows

ROWS = Rows()
row = ROWS.row
APP = "greeter"
REVISION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def runner(fal):
    """The id of a live runner of the app; waits for one."""
    for _ in range(60):
        live = [each for each in fal.json("apps", "runners", APP)["runners"] if each["state"] in ("RUNNING", "IDLE")]
        if live:
            return live[0]["runner_id"]
        time.sleep(1)
    raise AssertionError("no runner is ready")


def revisions(fal):
    """Ids of the app's revisions, in the order of the list."""
    return REVISION.findall(fal("apps", "list-rev", APP).expect().text)


@row("fal doctor")
def _(fal):
    fal("doctor").expect(r"FAL_HOST\s+" + fal.environment["FAL_HOST"], r"FAL_KEY")


@row("fal auth whoami", long=True)
def _(fal):
    fal("auth", "whoami").expect(r"Hello, Local account: 'local'")


@row("README: the lines for a user of fal", long=True)
def _(fal):
    checkout = Path(__file__).resolve().parent.parent
    section = (checkout / "README.md").read_text().split("## With fal's own command line and SDK")[1]
    lines = [line for line in section.splitlines() if line.startswith(("eval ", "fal "))]
    assert len(lines) == 2, lines
    environment = fal.environment | {"PATH": f"{fal.fal.parent}:{fal.environment['PATH']}"}
    words = [*fal.within, "sh", "-c", " && ".join(line.split("  #")[0] for line in lines)]
    terminal.run(words, environment, checkout, patience=300).expect("Deployed successfully", "Hello, Ada!")
    fal("apps", "delete", "hello").expect("deleted")


@row("fal deploy file.py::App")
def _(fal):
    ended = fal("deploy", "apps.py::Greeter", "--auth", "private", patience=300)
    ended.expect("Build complete", "Deployed successfully", r"Sync\s+https://.*/local/greeter", r"Async\s+https://")


@row("fal deploy --json, unchanged", long=True)
def _(fal):
    told = fal.json("deploy", "apps.py::Greeter")
    assert told["app_name"] == APP and told["status"] in ("deployed", "rolling_out"), told


@row("fal apps list")
def _(fal):
    fal("apps", "list").expect(r"greeter.*private")
    assert [each["alias"] for each in fal.json("apps", "list")["apps"]] == [APP]


@row("fal apps list-rev", long=True)
def _(fal):
    fal("apps", "list-rev", APP).expect(r"[0-9a-f]{8}-[0-9a-f]{4}")


@row("fal apps scale")
def _(fal):
    fal("apps", "scale", APP, "--min-concurrency", "1", "--keep-alive", "77").expect("greeter")
    app = fal.json("apps", "list")["apps"][0]
    assert (app["min_concurrency"], app["keep_alive"]) == (1, 77), app


@row("fal api")
def _(fal):
    fal("api", "local/greeter", "name=Ada").expect("Hello, Ada!")


@row("fal apps runners")
def _(fal):
    id = runner(fal)
    fal("apps", "runners", APP).expect(id[:8])
    fal("apps", "runners", APP, "--since", "1h", "--state", "all").expect(id[:8])


@row("fal runners list")
def _(fal):
    fal("runners", "list").expect("Runners: 1", APP)


@row("fal runners logs")
def _(fal):
    fal("runners", "logs", runner(fal)).expect("the greeter is set up", "greeting Ada")


@row("fal runners exec")
def _(fal):
    id = runner(fal)
    fal("runners", "exec", id, "--", "sh", "-c", "echo $FAL_APP_NAME; exit 3").expect("^greeter$", code=3)
    fal("runners", "exec", "-i", id, "--", "python", "-c", "import fastapi; print('imported')").expect("^imported$")
    fal("runners", "exec", id, "--", "no-such-program").expect("no-such-program", code=127)
    unknown = "01900000-0000-7000-8000-000000000000"
    fal("runners", "exec", unknown, "--", "true").expect("not found", code=1)


@row("fal runners shell", long=True)
def _(fal):
    typed = [(r"[$#] $", "tty; stty size; exit 5\r")]
    fal("runners", "shell", runner(fal), typed=typed).expect("/dev/pts/", "^50 220$", code=5)


@row("fal runners gpus", long=True)
def _(fal):
    fal("runners", "gpus").expect(r"Total:\s+0")


@row("fal apps gpus", long=True)
def _(fal):
    fal("apps", "gpus", APP).expect(r"0|No GPU")


@row("fal queue size, flush", long=True)
def _(fal):
    fal("queue", "size", APP).expect("size: 0")
    fal("queue", "flush", APP).expect("flushed")


@row("fal queue size --by-user", long=True)
def _(fal):
    fal("queue", "size", APP, "--by-user").expect("size: 0")


@row("fal apps rollout --force")
def _(fal):
    before = runner(fal)
    fal("apps", "rollout", APP, "--force").expect("Rolled out")
    for _ in range(60):
        now = [each["runner_id"] for each in fal.json("apps", "runners", APP)["runners"]]
        if now and before not in now:
            return
        time.sleep(1)
    raise AssertionError(f"{before} is still there")


@row("fal apps set-rev", long=True)
def _(fal):
    for revision in list(dict.fromkeys(revisions(fal)))[:2]:
        fal("apps", "set-rev", APP, revision).expect()
        assert fal.json("apps", "list")["apps"][0]["revision"] == revision


@row("fal runners stop, kill", long=True)
def _(fal):
    fal("runners", "stop", runner(fal)).expect()
    fal("runners", "kill", runner(fal)).expect()
    fal("runners", "kill", "01900000-0000-7000-8000-000000000000").expect("not found", code=1)


@row("fal secrets set, list, unset")
def _(fal):
    fal("secrets", "set", "GREETING=hidden-value", "OTHER=x").expect()
    fal("secrets", "list").expect("GREETING", "OTHER").expect_none("hidden-value")
    fal("secrets", "unset", "GREETING").expect()
    fal("secrets", "list").expect("OTHER").expect_none("GREETING")


@row("fal keys create, list, revoke", long=True)
def _(fal):
    made = fal("keys", "create", "--scope", "API", "--desc", "made for a check").expect("Generated|KEY|key")
    id = REVISION.search(made.text).group()
    fal("keys", "list").expect("made for a check")
    fal("keys", "revoke", id).expect()
    fal("keys", "list").expect_none(id)


@row("fal environments create, list, delete; --env", long=True)
def _(fal):
    fal("environments", "create", "staging").expect("staging")
    fal("environments", "list").expect("main", "staging")
    fal("secrets", "set", "--env", "staging", "ONLY_THERE=1").expect()
    fal("secrets", "list", "--env", "staging").expect("ONLY_THERE")
    fal("secrets", "list").expect_none("ONLY_THERE")
    fal("environments", "delete", "staging", "--yes").expect("staging")


@row("fal files upload, list")
def _(fal):
    (fal.folder / "note").write_text("content")
    fal("files", "upload", str(fal.folder / "note"), "/data/notes/note").expect()
    fal("files", "list", "/data/notes").expect("note")


@row("fal files upload, list, download, mv, rm", long=True)
def _(fal):
    small, large = fal.folder / "small name.txt", fal.folder / "large"
    small.write_text("content")
    large.write_bytes(bytes(range(256)) * 100_000)
    fal("files", "upload", str(small), "/data/there/small name.txt").expect()
    fal("files", "upload", str(large), "/data/there/large").expect()
    fal("files", "list", "/data/there").expect("small name.txt", "large")
    fal("files", "download", "/data/there/large", str(fal.folder / "back")).expect()
    assert (fal.folder / "back").read_bytes() == large.read_bytes(), "other bytes came back"
    fal("files", "mv", "/data/there/large", "/data/there/big").expect()
    fal("files", "rm", "/data/there").expect()
    fal("files", "list", "/data").expect_none("there")


@row("fal account list, set, unset, --team, by mews login", long=True)
def _(fal):
    mews, environment = fal.environment["MEWS"], fal.environment
    for words in (["teams", "create", "crew"], ["login"]):
        done = subprocess.run([mews, *words], env=environment, capture_output=True, text=True)
        # An earlier run against the same server made the team.
        assert done.returncode == 0 or "'crew' exists" in done.stderr, done.stderr
    login = {"FAL_FORCE_AUTH_BY_USER": "1"}
    fal("account", "list", environment=login).expect("local", "crew")
    fal("secrets", "set", "--team", "crew", "OF_THE_CREW=1", environment=login).expect()
    fal("secrets", "list", "--team", "crew", environment=login).expect("OF_THE_CREW")
    fal("secrets", "list", environment=login).expect_none("OF_THE_CREW")
    fal("account", "set", "crew", environment=login).expect()
    fal("secrets", "list", environment=login).expect("OF_THE_CREW")
    fal("account", "unset", environment=login).expect()
    fal("secrets", "list", environment=login).expect_none("OF_THE_CREW")


@row("fal run file.py::function")
def _(fal):
    fal("run", "apps.py::double", patience=200).expect("doubling")


@row("fal run file.py::App, Ctrl-C")
def _(fal):
    ended = fal("run", "apps.py::Greeter", until="the greeter is set up", patience=200)
    assert ended.code is not None, f"Ctrl-C did not end it: {ended.tail()}"
    ended.expect("https://", code=ended.code)
    for _ in range(30):
        if not [each for each in fal.json("runners", "list")["runners"] if each["alias"] != APP]:
            return
        time.sleep(1)
    raise AssertionError("the runner outlived the run")


@row("fal apps delete, delete-rev")
def _(fal):
    revision = revisions(fal)[0]
    fal("apps", "delete", APP).expect("deleted")
    fal("apps", "delete-rev", revision).expect()
    fal("apps", "list").expect_none("greeter")
