"""Rows of what an owner arranges: named environments, keys, profiles, what is said as JSON. All of them take long."""

import threading

from rows import Rows

ROWS = Rows()
row = ROWS.long
APP = "greeter"


@row("fal environments create --description, list --json; envs")
def _(fal):
    fal("envs", "create", "elsewhere", "--description", "for a check").expect()
    listed = fal.json("environments", "list")["environments"]
    assert {each["name"] for each in listed} == {"main", "elsewhere"}, listed
    assert "for a check" in str(listed), listed


@row("fal apps scale, runners, rollout, set-rev, list-rev, delete --env")
def _(fal):
    there = ("--env", "elsewhere")
    fal("deploy", "apps.py::Greeter", *there, patience=200).expect("/local/greeter--elsewhere")
    fal("apps", "scale", APP, "--keep-alive", "55", *there).expect()
    app = fal.json("apps", "list", *there)["apps"][0]
    assert app["keep_alive"] == 55, app
    fal("apps", "list-rev", APP, *there).expect(app["revision"][:8])
    fal("apps", "set-rev", APP, app["revision"], *there).expect()
    fal("apps", "runners", APP, *there).expect("Runners|runners|No")
    fal("apps", "rollout", APP, *there).expect("Rolled out")
    fal("apps", "rollout", APP).expect("not found", code=1)
    fal("apps", "delete", APP, *there).expect("deleted")
    fal("environments", "delete", "elsewhere", "--yes").expect()


@row("fal apps scale --request-start-timeout, --regions; --host", since="1.83.0")
def _(fal):
    fal("deploy", "apps.py::Greeter", patience=200).expect()
    fal("apps", "scale", APP, "--request-start-timeout", "17", "--regions", "eu-north").expect("17")
    app = fal.json("apps", "list", "--host", fal.environment["FAL_HOST"])["apps"][0]
    assert (app["request_start_timeout"], app["valid_regions"]) == (17, ["eu-north"]), app
    fal("apps", "scale", APP, "--request-start-timeout", "0").expect()
    assert fal.json("apps", "list")["apps"][0]["request_start_timeout"] is None
    fal("apps", "delete", APP).expect()


@row("fal runners logs --follow, --until; fal runners list --since --state")
def _(fal):
    fal("deploy", "apps.py::Greeter", patience=200).expect()
    fal("apps", "scale", APP, "--min-concurrency", "1").expect()
    fal("api", "local/greeter", "name=Ada", patience=200).expect("Hello")
    id = fal.json("apps", "runners", APP)["runners"][0]["runner_id"]
    calls = []

    def call(said):
        calls.append(threading.Thread(target=fal, args=("api", "local/greeter", "name=Zoe")))
        calls[-1].start()

    ended = fal("runners", "logs", id, "--follow", typed=[("greeting Ada", call)], until="greeting Zoe")
    ended.expect("greeting Zoe", code=ended.code)
    calls[0].join()
    assert ended.code is not None, f"Ctrl-C did not end it: {ended.tail()}"
    fal("runners", "logs", id, "--until", "1h").expect_none("Traceback")
    fal("runners", "list", "--since", "1h", "--state", "all").expect(id[:8])
    assert fal.json("runners", "list")["runners"][0]["runner_id"] == id
    fal("apps", "delete", APP).expect()


@row("fal keys create --preset, --permission, --alias: others than FULL and API refused", since="1.83.0")
def _(fal):
    made = fal("keys", "create", "--preset", "API", "--desc", "calls only").expect("with `API`").text
    caller = made.split("FAL_KEY='")[1].split("'")[0]
    fal("keys", "list", environment={"FAL_KEY": caller}).expect("scope ADMIN", code=1)
    fal("keys", "create", "--preset", "READONLY", "--desc", "none").expect("READONLY.*not offered", code=1)
    fal("keys", "create", "--permission", "models:read", "--alias", "none").expect("not offered", code=1)
    listed = fal.json("keys", "list")["keys"]
    assert [each["scope"] for each in listed if each["description"] == "calls only"] == ["API"], listed
    assert not [each for each in listed if each["description"] == "none"], listed
    fal("keys", "revoke", caller.split(":")[0]).expect()


@row("fal profile create, key, host, set, list --json, unset, delete")
def _(fal):
    key = fal.environment["FAL_KEY"]
    outside = {"environment": {"FAL_KEY": "", "FAL_PROFILE": ""}}
    fal("profile", "create", "mine", **outside).expect("created")
    fal("profile", "key", typed=[("Enter the key", key + "\r")], **outside).expect("Key set")
    fal("profile", "host", fal.environment["FAL_HOST"], **outside).expect("host set")
    fal("profile", "set", "mine", **outside).expect("set to mine")
    fal("profile", "list", "--json", **outside).expect('"profile": "mine", "is_set": true')
    fal("profile", "unset", **outside).expect()
    fal("profile", "delete", "mine", **outside).expect("deleted")


@row("what is said as JSON: doctor, secrets, queue, runners gpus, apps gpus")
def _(fal):
    fal("doctor", "--json").expect(fal.environment["FAL_HOST"])
    fal("secrets", "set", "SEEN=1").expect()
    assert "SEEN" in [each["name"] for each in fal.json("secrets", "list")["secrets"]]
    fal("secrets", "unset", "SEEN").expect()
    fal.json("runners", "gpus")


@row("fal files upload-url: of a private network, refused")
def _(fal):
    url = f"https://{fal.environment['FAL_GRPC_HOST']}/health"
    fal("files", "upload-url", url, "/data/fetched").expect("private network", code=1)


@row("fal completion; the other names of commands")
def _(fal):
    fal("completion", "bash").expect("complete")
    for words in (("app", "list"), ("key", "list"), ("secret", "list"), ("machine", "list"), ("file", "ls"), ("profiles", "list")):
        fal(*words).expect_none("Traceback")
