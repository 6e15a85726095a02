"""Rows of what goes wrong, as a person sees it."""

from rows import Rows

ROWS = Rows()
row = ROWS.row


@row("failure: wrong key")
def _(fal):
    id = fal.environment["FAL_KEY"].split(":")[0]
    ended = fal("apps", "list", environment={"FAL_KEY": f"{id}:wrong"})
    ended.expect("secret is wrong", code=1).expect_none("Traceback")


@row("failure: server not reachable", long=True)
def _(fal):
    ended = fal("apps", "list", environment={"FAL_GRPC_HOST": "127.0.0.1:1", "FAL_HOST": "127.0.0.1:1"}, patience=60)
    ended.expect(code=1).expect_none("Traceback")


@row("failure: certificate not trusted")
def _(fal):
    ended = fal("auth", "whoami", environment={"SSL_CERT_FILE": "/dev/null"})
    ended.expect("(?i)certificate|ssl", code=1)


@row("failure: app unknown", long=True)
def _(fal):
    fal("apps", "delete", "nobody-made-this").expect("not found")
    fal("apps", "rollout", "nobody-made-this").expect("not found", code=1)


@row("failure: build", long=True)
def _(fal):
    ended = fal("deploy", "apps.py::Unbuildable", patience=200)
    ended.expect("a-package-that-nobody-has-published", code=1)


@row("failure: setup()")
def _(fal):
    fal("run", "apps.py::Broken", until="no weights at this address", patience=200).expect(
        "no weights at this address", code=1
    )


@row("failure: function raises")
def _(fal):
    ended = fal("run", "apps.py::stumble", patience=200)
    ended.expect("ZeroDivisionError", "in stumble", code=1)


@row("failure: result cannot be pickled", long=True)
def _(fal):
    fal("run", "apps.py::lazily", patience=200).expect("of type generator, which cannot be pickled", code=1)


@row("failure: name taken by another account", long=True)
def _(fal):
    """An app's name belongs to its account: the other one's stays what it is."""
    fal("deploy", "apps.py::Greeter", patience=200).expect()
    before = fal.json("apps", "list")["apps"][0]["revision"]
    login = {"FAL_FORCE_AUTH_BY_USER": "1"}
    team = ("--team", "crew")
    fal("deploy", "apps.py::Greeter", *team, environment=login, patience=300).expect(r"/crew/greeter")
    assert fal.json("apps", "list")["apps"][0]["revision"] == before
    fal("apps", "delete", "greeter", *team, environment=login).expect("deleted")
    fal("apps", "list").expect("greeter")


@row("failure: revision in use", long=True)
def _(fal):
    fal("deploy", "apps.py::Greeter", patience=200).expect()
    revision = fal.json("apps", "list")["apps"][0]["revision"]
    fal("apps", "delete-rev", revision).expect("(?i)in use|serves|alias", code=1)
    fal("apps", "delete", "greeter").expect()
