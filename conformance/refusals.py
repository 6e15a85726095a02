"""Rows of what else goes wrong: names that nobody has, values that cannot be, apps that end badly."""

from rows import Rows

ROWS = Rows()
row = ROWS.long
UNKNOWN = "01900000-0000-7000-8000-000000000000"


@ROWS.row("failure: no key; a name that cannot be; a machine type that is not on offer")
def _(fal):
    nobody = {"FAL_KEY": "", "FAL_HOME_DIR": str(fal.folder / "nobody")}
    fal("apps", "list", environment=nobody).expect("(?i)fal auth login|FAL_KEY|key", code=1).expect_none("Traceback")
    fal("deploy", "apps.py::Greeter", "--app-name", "No Name").expect("try .no-name", code=1).expect_none("Traceback")
    fal("run", "apps.py::double", "--machine-type", "GPU-NONE").expect("GPU-NONE", "(?i)offer|has", code=1)


@row("failure: an app, a revision, a runner, a secret, a key, an environment that nobody made")
def _(fal):
    known = r"(?i)not found|there is no|no such|no runner|unknown|does not exist|no app"
    for words in (
        ("apps", "set-rev", "nobody-made-this", UNKNOWN),
        ("apps", "scale", "nobody-made-this", "--keep-alive", "5"),
        ("apps", "runners", "nobody-made-this"),
        ("apps", "delete-rev", UNKNOWN),
        ("runners", "stop", UNKNOWN),
        ("runners", "logs", UNKNOWN),
        ("runners", "shell", UNKNOWN),
        ("queue", "size", "nobody-made-this"),
        ("queue", "flush", "nobody-made-this"),
        ("keys", "revoke", UNKNOWN),
        ("environments", "delete", "nowhere", "--yes"),
        ("deploy", "apps.py::Greeter", "--env", "nowhere"),
        ("secrets", "list", "--env", "nowhere"),
        ("files", "rm", "/data/nothing"),
        ("files", "mv", "/data/nothing", "/data/something"),
        ("api", "local/nobody-made-this", "x=1"),
    ):
        ended = fal(*words)
        assert ended.code == 1, f"{words}: ended with {ended.code}: {ended.tail()}"
        ended.expect(known, code=1).expect_none("Traceback")
    fal("files", "download", "/data/nothing", "nothing").expect("'/data/nothing'", code=1)


@row("failure: values that cannot be")
def _(fal):
    fal("deploy", "apps.py::Greeter", patience=200).expect()
    fal("apps", "scale", "greeter", "--max-concurrency", "-1").expect("max_concurrency", code=1)
    fal("apps", "scale", "greeter", "--min-concurrency", "9", "--max-concurrency", "3").expect("min_concurrency", code=1)
    fal("apps", "scale", "greeter", "--machine-types", "GPU-NONE").expect("GPU-NONE", code=1)
    fal("apps", "set-rev", "greeter", UNKNOWN).expect("not found", code=1)
    fal("deploy", "apps.py::Greeter", "--auth", "secret").expect("secret", code=2)
    fal("deploy", "apps.py::Nobody").expect("Nobody", code=1)
    fal("deploy", "nothing.py::Nobody").expect("nothing.py", code=1)
    fal("environments", "create", "No Name").expect("No Name", code=1)
    fal("environments", "create", "main").expect("main", code=1)
    fal("environments", "delete", "main", "--yes").expect("main", code=1)
    fal("secrets", "set", "1=2").expect("1", code=1)
    fal("apps", "delete", "greeter").expect("deleted")


@row("failure: a runner that runs out of memory, one that leaves, one that starts too late")
def _(fal):
    fal("run", "habits.py::leaves", patience=200).expect("7", code=1)
    fal("run", "habits.py::Late", patience=200).expect("startup_timeout", code=1)
    fal("run", "habits.py::eats", patience=200).expect("(?i)memory", code=1)


@row("failure: a team that the key is not of")
def _(fal):
    ended = fal("apps", "list", "--team", "crew")
    ended.expect("(?i)team|crew").expect_none("Traceback")


@row("failure: a key that was revoked is told as unknown, everywhere")
def _(fal):
    made = fal("keys", "create", "--scope", "API", "--desc", "short-lived").expect().text
    key = made.split("FAL_KEY='")[1].split("'")[0]
    fal("deploy", "apps.py::Greeter", "--auth", "private", patience=200).expect()
    fal("api", "local/greeter", "name=Ada", environment={"FAL_KEY": key}, patience=200).expect("Hello, Ada!")
    fal("keys", "revoke", key.split(":")[0]).expect()
    fal("api", "local/greeter", "name=Ada", environment={"FAL_KEY": key}).expect("(?i)401|unauth|key", code=1)
    fal("apps", "list", environment={"FAL_KEY": key}).expect(code=1).expect_none("Traceback")
    fal("apps", "delete", "greeter").expect()
