"""Rows of further kinds of apps and environments. All of them take long."""

import re
import shutil
import urllib.request
from pathlib import Path

import flags
import sdk
from rows import Rows

ROWS = Rows()
row = ROWS.long
EXAMPLE = Path(__file__).resolve().parent.parent / "examples/package/src"


def project(fal, name, text):
    """A folder with a pyproject.toml of its own."""
    folder = fal.folder / name
    folder.mkdir()
    (folder / "pyproject.toml").write_text(text)
    return folder


@row("fal deploy, fal run: an entry point of a package, by [tool.fal.apps]")
def _(fal):
    folder = project(
        fal,
        "package",
        '[project]\nname = "greeter"\nversion = "0.1.0"\ndependencies = ["fal>=1.70,<2"]\n'
        '[build-system]\nrequires = ["setuptools>=68"]\nbuild-backend = "setuptools.build_meta"\n'
        '[tool.fal.apps.packaged]\npython_entry_point = "greeter.app:Greeter"\nrequirements = ["."]\n',
    )
    shutil.copytree(EXAMPLE, folder / "src")
    fal("deploy", "packaged", folder=folder, patience=300).expect("Deployed successfully", "/local/packaged")
    fal("api", "local/packaged", "name=Ada", "language=fr").expect("Bonjour, Ada!")
    fal("apps", "delete", "packaged").expect("deleted")
    ran = fal("run", "packaged", folder=folder, patience=200, until=r"https://\S+/local/\S+")
    assert ran.code is not None, f"Ctrl-C did not end it: {ran.tail()}"


@row("fal run --limit-max-requests, ends by itself")
def _(fal):
    said = []

    def visit(text):
        url = re.search(r"https://\S+/local/once-\w+", text).group()
        request = urllib.request.Request(url, b'{"name": "Ada"}', {"Content-Type": "application/json"})
        said.append(flags.opened(fal, request))

    words = ("run", "apps.py::Greeter", "--limit-max-requests", "1", "--app-name", "once")
    fal(*words, typed=[(r"https://\S+/local/once-\w+", visit)], patience=200).expect("once")
    assert b"Hello, Ada!" in said[0], said


@row("fal run --forward-compat; --auth, --env, --force-env-build; --local")
def _(fal):
    fal("run", "apps.py::double", "--forward-compat", patience=200).expect("doubling")
    fal("environments", "create", "aside").expect()
    fal("run", "apps.py::double", "--auth", "private", "--env", "aside", patience=200).expect("doubling")
    fal("environments", "delete", "aside", "--yes").expect()
    fal("run", "apps.py::double", "--force-env-build", patience=200).expect("deprecated", "doubling")
    fal("run", "apps.py::double", "--local", environment={"FAL_KEY": ""}).expect("doubling")


@row("fal queue size, flush --caller-user-id")
def _(fal):
    fal("deploy", "others.py::Sleeper", patience=200).expect()
    fal.script(sdk.asleep).expect("^queued$")
    sizes = fal.json("queue", "size", "sleeper", "--by-user")
    assert sizes["size"] == 2 and list(sizes["by_user"].values()) == [2], sizes
    mine = next(iter(sizes["by_user"]))
    fal("queue", "flush", "sleeper", "--caller-user-id", "nobody|0").expect("no user", code=1)
    assert fal.json("queue", "size", "sleeper")["size"] == 2
    fal("queue", "flush", "sleeper", "--caller-user-id", mine).expect("flushed")
    assert fal.json("queue", "size", "sleeper")["size"] == 0
    fal("apps", "delete", "sleeper").expect()


@row("an environment of kind conda: refused")
def _(fal):
    fal("run", "others.py::by_conda").expect("'conda' is not offered here: list the packages", code=1)


@row("a function that its runner cannot read: told")
def _(fal):
    ended = fal("run", "others.py::unaccompanied", patience=200)
    ended.expect("No module named 'neighbour'", code=1)


@row("fal deploy: an app in an image with Python", image=True)
def _(fal):
    base = {"BASE_IMAGE": fal.image, "BASE_USER": fal.environment["BASE_USER"]}
    fal("secrets", "set", "BASE_PASSWORD=" + fal.environment["BASE_PASSWORD"]).expect()
    fal("deploy", "contained.py::Contained", environment=base, patience=600).expect("Deployed successfully")
    fal("api", "local/contained", "x=1", patience=200).expect("baked.*in")
    fal("apps", "delete", "contained").expect()


@row("fal deploy: an image alone, by [tool.fal.apps]", image=True)
def _(fal):
    login = f'username = "{fal.environment["BASE_USER"]}"\npassword = "$BASE_PASSWORD"\n'
    folder = project(
        fal,
        "alone",
        f'[tool.fal.apps.alone]\nexposed_port = 8000\n[tool.fal.apps.alone.image]\nimage = "{fal.image}"\n'
        'cmd = ["python3", "-m", "http.server", "8000"]\n'
        f'[tool.fal.apps.alone.image.registries."{fal.image.split("/")[0]}"]\n{login}',
    )
    fal("deploy", "alone", folder=folder, patience=600).expect("Deployed successfully", "/local/alone")
    url = f"https://{fal.environment['FAL_RUN_HOST']}/local/alone/etc/"
    assert b"passwd" in flags.fetch(fal, url, key=True)
    fal("apps", "delete", "alone").expect()
