"""Rows of flags, and of apps of further shapes. All of them take long."""

import json
import ssl
import time
import urllib.request

import sdk
from rows import Rows

ROWS = Rows()
row = ROWS.long
APP = "greeter"


def app(fal, name=APP):
    return next(each for each in fal.json("apps", "list")["apps"] if each["alias"] == name)


def fetch(fal, url, key=False):
    """What is at the URL, as a program on the developer's machine sees it."""
    headers = {"Authorization": f"Key {fal.environment['FAL_KEY']}"} if key else {}
    return opened(fal, urllib.request.Request(url, headers=headers))


def opened(fal, request):
    trust = ssl.create_default_context(cafile=fal.environment["SSL_CERT_FILE"])
    with urllib.request.urlopen(request, context=trust, timeout=60) as answer:
        return answer.read()


@row("fal deploy --app-name --message --annotation --check --yes --strategy recreate")
def _(fal):
    told = ("--message", "the first one", "--annotation", "ticket=T-1")
    shown = fal("deploy", "apps.py::Greeter", "--app-name", APP, *told, "--check", "--yes", "--strategy", "recreate")
    shown.expect("Deployed successfully", "/local/greeter")
    rest = f"https://{fal.environment['FAL_GRPC_HOST']}/applications/local/{APP}/metadata"
    kept = json.loads(fetch(fal, rest, key=True))
    assert kept["message"] == "the first one" and kept["annotations"] == {"ticket": "T-1"}, kept


@row("fal deploy --check, confirmed and not")
def _(fal):
    before = app(fal)["revision"]
    fal("deploy", "apps.py::Greeter", "--check", typed=[("confirm", "no\r")]).expect(code=1)
    assert app(fal)["revision"] == before
    fal("deploy", "apps.py::Greeter", "--check", typed=[("confirm", "confirm\r")]).expect("Deployed successfully")


@row("fal deploy --auth public --attach, --detach, --no-cache")
def _(fal):
    fal("deploy", "apps.py::Greeter", "--auth", "public", "--attach").expect("Deployed successfully")
    assert app(fal)["auth_mode"] == "public"
    fal("deploy", "apps.py::Greeter", "--auth", "private", "--detach").expect()
    fal("deploy", "apps.py::Greeter", "--no-cache", patience=300).expect("Build complete", "Deployed successfully")


@row("fal deploy --env; fal apps list --env, --filter, --regions, --sort-by-runners")
def _(fal):
    fal("environments", "create", "trial").expect()
    fal("deploy", "apps.py::Greeter", "--env", "trial").expect("/local/greeter--trial")
    fal("apps", "list", "--env", "trial").expect(r"greeter\s.*trial")
    fal("apps", "list").expect_none("trial")
    fal("apps", "list", "--filter", "gree", "--sort-by-runners").expect("greeter")
    fal("apps", "list", "--filter", "other").expect_none("greeter")
    fal("apps", "list", "--regions", "eu-north").expect_none("Traceback")
    fal("apps", "delete", APP, "--env", "trial").expect("deleted")
    fal("environments", "delete", "trial", "--yes").expect()


@row("fal apps scale, every flag; fal deploy keeps them, --reset-scale does not")
def _(fal):
    numbers = {
        "keep_alive": 41,
        "max_multiplexing": 3,
        "max_concurrency": 4,
        "min_concurrency": 0,
        "concurrency_buffer": 1,
        "concurrency_buffer_perc": 10,
        "scaling_delay": 2,
        "request_timeout": 99,
        "startup_timeout": 88,
    }
    flags = [word for name, number in numbers.items() for word in (f"--{name.replace('_', '-')}", str(number))]
    fal("apps", "scale", APP, *flags, "--machine-types", "S", "M").expect()
    now = app(fal)
    assert {name: now[name] for name in numbers} == numbers, now
    assert now["machine_types"] == ["S", "M"], now
    fal("deploy", "apps.py::Greeter").expect()
    now = app(fal)
    assert (now["keep_alive"], now["max_multiplexing"]) == (41, 1), now
    fal("deploy", "apps.py::Greeter", "--reset-scale").expect()
    assert app(fal)["keep_alive"] == 60


@row("fal apps set-rev --auth --strategy")
def _(fal):
    fal("apps", "set-rev", APP, app(fal)["revision"], "--auth", "shared", "--strategy", "recreate").expect()
    assert app(fal)["auth_mode"] == "shared"


@row("fal runners stop --replace; fal runners logs --search, --lines, --since, --json")
def _(fal):
    fal("apps", "scale", APP, "--min-concurrency", "1", "--concurrency-buffer", "0").expect()
    first = live(fal)
    fal("runners", "logs", first, "--search", "is set up", "--lines", "5", "--since", "1h").expect("greeter is set up")
    fal("runners", "logs", first, "--json").expect('"timestamp"')
    fal("runners", "stop", "--replace", first).expect()
    assert live(fal, but=first) != first
    fal("apps", "runners", APP, "--since", "1h", "--state", "terminated").expect(first[:8])


def live(fal, but=None):
    for _ in range(60):
        ids = [each["runner_id"] for each in fal.json("apps", "runners", APP)["runners"] if each["state"] == "IDLE"]
        ids = [each for each in ids if each != but]
        if ids:
            return ids[0]
        time.sleep(1)
    raise AssertionError("no runner is ready")


@row("fal secrets set --not-exposed-by-default; fal profile list")
def _(fal):
    fal("secrets", "set", "SHY=1", "--not-exposed-by-default").expect()
    fal("secrets", "list").expect("SHY.*no")
    fal("secrets", "unset", "SHY").expect()
    fal("profile", "list").expect()


@row("fal deploy KEY, of a pyproject.toml")
def _(fal):
    (fal.folder / "pyproject.toml").write_text(
        '[tool.fal.apps.keyed]\nref = "apps.py::Greeter"\nauth = "private"\nkeep_alive = 33\n'
    )
    try:
        fal("deploy", "keyed").expect("Deployed successfully", "/local/keyed")
        fal("apps", "delete", "keyed").expect("deleted")
    finally:
        (fal.folder / "pyproject.toml").unlink()


@row("fal run --app-name --machine-type --no-cache")
def _(fal):
    words = ("run", "apps.py::double", "--no-cache", "--machine-type", "M", "--app-name", "named")
    fal(*words, patience=200).expect("doubling")


@row("an app with local_python_modules, app_files, a websocket and a stream")
def _(fal):
    (fal.folder / "words").mkdir(exist_ok=True)
    (fal.folder / "words/list.txt").write_text("from a file\n")
    fal("deploy", "shapes.py::Companions", "--auth", "private", patience=200).expect("Deployed successfully")
    fal("api", "local/companions", "x=1").expect("from next door", "from a file")
    fal("api", "local/companions/stream", "x=1").expect('"?n"?.*2')


@row("the same: its websocket, by a plain client")
def _(fal):
    fal.script(sdk.websocket).expect("^heard: you said hello$")
    fal("apps", "delete", "companions").expect()


@row("an app that uploads by fal.toolkit: File, Image, each repository")
def _(fal):
    fal("deploy", "shapes.py::Upload", patience=300).expect("Deployed successfully")
    fal.script(sdk.uploads, patience=300).expect("^red: default fal fal_v2 fal_v3 cdn$", "^text: kept$")
    fal("apps", "delete", "upload").expect()


@row("a function with serve=True, and one with a server of its own")
def _(fal):
    fal("deploy", "shapes.py::shout", "--auth", "private", patience=200).expect("Deployed successfully")
    fal("api", "local/shout", "word=hey").expect("HEY")
    fal("apps", "delete", "shout").expect()
    fal("deploy", "shapes.py::own_server", "--app-name", "own-server", patience=200).expect("Deployed successfully")
    fal("api", "local/own-server", "x=1").expect("a server of its own")
    fal("apps", "delete", "own-server").expect()


@row("fal apps delete, at last")
def _(fal):
    fal("apps", "delete", APP).expect("deleted")
