"""Rows of the flags and commands that the others leave out."""

import json
import socket
import subprocess
import threading

from rows import Rows

ROWS = Rows()
row = ROWS.long
APP = "greeter"
LOGIN = {"FAL_FORCE_AUTH_BY_USER": "1"}


class Proxy:
    """Writes down whom a command wants to reach, and lets it reach nobody."""

    def __enter__(self):
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.refuse, daemon=True).start()
        here = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.environment = {"HTTPS_PROXY": here, "https_proxy": here}
        return self

    def refuse(self):
        while True:
            try:
                caller = self.listener.accept()[0]
            except OSError:  # closed
                return
            with caller:
                self.asked.append(caller.recv(4096).split(b" ")[1].decode())
                caller.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    def __exit__(self, *_):
        self.listener.close()


def mews(fal, *words):
    done = subprocess.run([fal.environment["MEWS"], *words], env=fal.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@ROWS.row("fal auth login, logout: always fal's own identity provider; mews login, logout in their place")
def _(fal):
    """Whoever tries them stays logged in here, and this server is not asked."""
    mews(fal, "login")
    with Proxy() as proxy:
        fal("auth", "login", "--connection", "github", "--no-browser", environment=proxy.environment).expect("403", code=1)
        fal("auth", "logout", "--no-browser", environment=proxy.environment).expect("403", code=1)
        assert set(proxy.asked) == {"auth.fal.ai:443"}, proxy.asked
    fal("account", "list", environment=LOGIN).expect("local")
    mews(fal, "logout")
    fal("account", "list", environment=LOGIN).expect("(?i)fal auth login|not logged in|authenticat", code=1)


@row("fal create app, from a template in the place of fal's own; its deploy")
def _(fal):
    template = fal.folder / "template"
    made = template / "{{cookiecutter.name}}"
    made.mkdir(parents=True)
    (template / "cookiecutter.json").write_text('{"name": "created"}')
    (made / "app.py").write_text((fal.folder / "apps.py").read_text())
    commit = "git init -q . && git add . && git -c user.name=x -c user.email=x@localhost commit -q -m x"
    subprocess.run(["sh", "-c", commit], cwd=template, check=True)
    instead = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{template}.insteadOf"}
    instead["GIT_CONFIG_VALUE_0"] = "https://github.com/fal-ai/cookiecutter-fal.git"
    fal("create", "app", environment=instead, typed=[("name", "\r")]).expect()
    made = fal.folder / "created"
    fal("deploy", "app.py::Greeter", "--app-name", "created", folder=made, patience=200).expect("/local/created")
    fal("apps", "delete", "created").expect("deleted")


@row("fal --version, --help; fal --debug; a command that is none")
def _(fal):
    fal("--version").expect(r"^\S*\d+\.\d+\.\d+")
    fal("--help").expect("deploy", "runners")
    fal("apps", "list", "--debug").expect()
    fal("aps").expect("invalid choice", code=2)


@row("fal deploy without REF; --output json, --no-scale, --force-env-build, --annotation twice")
def _(fal):
    alone = fal.folder / "alone-in-folder"
    alone.mkdir()
    (alone / "greeter.py").write_text('import fal\n\n\nclass Greeter(fal.App):\n    @fal.endpoint("/")\n    def greet(self) -> dict:\n        return {}\n')
    fal("deploy", folder=alone, patience=200).expect("Deployed successfully", "/local/greeter")
    noted = ("--annotation", "a=1", "--annotation", "b=2", "--no-scale", "--force-env-build")
    said = fal("deploy", *noted, "--output", "json", folder=alone, patience=200).expect()
    told = json.loads(said.text[said.text.index("{") :])
    assert told["app_name"] == APP and told["revision"], told
    (alone / "second.py").write_text("")
    fal("deploy", folder=alone).expect("(?i)app reference|more than one|multiple", code=1)


@row("fal deploy KEY: --app-name and --auth refused, --strategy and --reset-scale of the file")
def _(fal):
    (fal.folder / "pyproject.toml").write_text('[tool.fal.apps.keyed]\nref = "apps.py::Greeter"\nauth = "private"\n')
    try:
        for flag in (("--app-name", "other"), ("--auth", "public")):
            fal("deploy", "keyed", *flag).expect("(?i)cannot|not supported|app name or auth", code=1)
        fal("deploy", "keyed", "--strategy", "recreate", "--reset-scale", patience=200).expect("/local/keyed")
        fal("apps", "delete", "keyed").expect("deleted")
    finally:
        (fal.folder / "pyproject.toml").unlink()


@row("FAL_ENV, FAL_DEPLOY_CHECK, FAL_URL_OUTPUT; fal environments delete, confirmed and not")
def _(fal):
    fal("environments", "create", "spare").expect("spare")
    there = {"FAL_ENV": "spare", "FAL_DEPLOY_CHECK": "1", "FAL_URL_OUTPUT": "none"}
    ended = fal("deploy", "apps.py::Greeter", environment=there, typed=[("confirm", "confirm\r")], patience=200)
    ended.expect("Deployed successfully").expect_none("Async")
    there = fal.json("apps", "list", "--env", "spare")["apps"]
    assert [each["alias"] for each in there] == ["greeter--spare"], there
    fal("environments", "delete", "spare", typed=[("to confirm", "other\r")])
    fal("environments", "list").expect("spare")
    fal("environments", "delete", "spare", typed=[("to confirm", "spare\r")]).expect()
    fal("environments", "list").expect_none("spare")


@row("fal apps list-rev of all, scale without flags, runners --state of each, --json; gpus --json")
def _(fal):
    fal("deploy", "apps.py::Greeter", patience=200).expect()
    fal("apps", "list-rev").expect(fal.json("apps", "list")["apps"][0]["revision"][:8])
    before = fal.json("apps", "list")["apps"][0]
    fal("apps", "scale", APP).expect()
    after = fal.json("apps", "list")["apps"][0]
    assert before | {"active_runners": 0} == after | {"active_runners": 0}, (before, after)
    for state in ("idle", "running", "pending", "setup", "crash_backoff", "terminated", "all"):
        fal("apps", "runners", APP, "--state", state).expect_none("Traceback")
        fal("runners", "list", "--state", state).expect_none("Traceback")
    assert fal.json("apps", "gpus", APP) is not None


@row("fal runners exec -it; log, -n N, -n +N")
def _(fal):
    fal("api", "local/greeter", "name=Ada", patience=200).expect("Hello")
    fal("api", "local/greeter", "name=Eve").expect("Hello")
    id = fal.json("apps", "runners", APP)["runners"][0]["runner_id"]
    typed = [(">>> ", "6 * 7\r"), (r"(?m)^42", "exit()\r")]
    fal("runners", "exec", "-it", id, "--", "python", "-i", typed=typed).expect("^42")
    one = fal("runners", "log", id, "-n", "1").expect().text
    assert len(one.strip().splitlines()) == 1, one
    fal("machine", "logs", id, "-n", "+2").expect("the greeter|greeting|INFO")


@row("fal files: a folder up and down, ls, names that are relative or odd")
def _(fal):
    folder = fal.folder / "tree"
    (folder / "deep").mkdir(parents=True)
    (folder / "top 1%.txt").write_text("top")
    (folder / "deep/ünder.txt").write_text("under")
    (folder / "empty").write_text("")
    fal("files", "upload", str(folder), "tree").expect()
    fal("files", "ls", "tree").expect("top 1%.txt", "deep", "empty")
    fal("file", "list", "/").expect("^data")
    fal("files", "download", "/data/tree", str(fal.folder / "again")).expect()
    for name in ("top 1%.txt", "deep/ünder.txt", "empty"):
        assert (fal.folder / "again" / name).read_text() == (folder / name).read_text(), name
    fal("files", "mv", "tree/empty", "tree/moved").expect()
    fal("files", "rm", "tree").expect()


@row("fal keys create --scope ADMIN; fal account list --json; fal completion of each shell")
def _(fal):
    made = fal("keys", "create", "--scope", "ADMIN", "--desc", "second owner").expect().text
    key = made.split("FAL_KEY='")[1].split("'")[0]
    fal("keys", "list", environment={"FAL_KEY": key}).expect("second owner")
    fal("keys", "revoke", key.split(":")[0]).expect()
    fal("keys", "list", environment={"FAL_KEY": key}).expect(code=1).expect_none("Traceback")
    for shell in ("zsh", "tcsh", "fish"):
        fal("completion", shell).expect("complete")


@row("--team of every command that has it")
def _(fal):
    subprocess.run([fal.environment["MEWS"], "teams", "create", "crew"], env=fal.environment, capture_output=True)
    mews(fal, "login")

    def crew(*words, **more):
        return fal(*words, "--team", "crew", environment=LOGIN, **more)

    accounts = json.loads(fal("account", "list", "--json", environment=LOGIN).expect().text)["teams"]
    assert {"local", "crew"} <= {each["nickname"] for each in accounts}, accounts
    crew("deploy", "apps.py::Greeter", patience=300).expect("/crew/greeter")
    crew("apps", "list").expect("greeter")
    revision = crew("apps", "list", "--json").text.split('"revision": "')[1].split('"')[0]
    crew("apps", "list-rev", APP).expect(revision[:8])
    crew("apps", "scale", APP, "--keep-alive", "12").expect("12")
    crew("apps", "set-rev", APP, revision).expect()
    crew("apps", "runners", APP).expect()
    crew("apps", "gpus", APP).expect()
    crew("runners", "list").expect()
    crew("runners", "gpus").expect()
    crew("queue", "size", APP).expect("size: 0")
    crew("queue", "flush", APP).expect("flushed")
    crew("files", "upload", "apps.py", "of-the-crew").expect()
    crew("files", "list", ".").expect("of-the-crew")
    fal("files", "list", ".").expect_none("of-the-crew")
    crew("files", "rm", "of-the-crew").expect()
    crew("environments", "create", "theirs").expect()
    fal("environments", "list").expect_none("theirs")
    crew("environments", "delete", "theirs", "--yes").expect()
    crew("keys", "create", "--scope", "API", "--desc", "of the crew").expect()
    crew("keys", "list").expect("of the crew")
    fal("keys", "list").expect_none("of the crew")
    crew("run", "apps.py::double", patience=300).expect("doubling")
    crew("apps", "delete", APP).expect("deleted")
    crew("apps", "delete-rev", revision).expect()
    fal("apps", "list", "--team", "nobody", environment=LOGIN).expect("(?i)nobody", code=1)
    fal("apps", "delete", APP).expect("deleted")


@row("a profile alone: its key, its host, FAL_PROFILE")
def _(fal):
    outside = {"FAL_KEY": "", "FAL_PROFILE": ""}
    fal("profile", "create", "here", environment=outside).expect("created")
    fal("profile", "set", "here", environment=outside).expect()
    fal("profile", "key", typed=[("Enter the key", fal.environment["FAL_KEY"] + "\r")], environment=outside).expect("Key set")
    fal("profile", "host", fal.environment["FAL_HOST"], environment=outside).expect("host set")
    fal("profile", "unset", environment=outside).expect()
    fal("secrets", "set", "BY_PROFILE=1", environment={"FAL_KEY": "", "FAL_PROFILE": "here"}).expect()
    fal("secrets", "list").expect("BY_PROFILE")
    fal("secrets", "unset", "BY_PROFILE").expect()
    fal("profile", "delete", "here", environment=outside).expect("deleted")
