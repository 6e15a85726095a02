"""Rows of what else the SDK and fal-client can do. Run with a function's name, this is the script of one of them. All of them take long."""

import os
import sys
import time

from rows import Rows

ROWS = Rows()
row = ROWS.long
APP = "local/habits"


def script(name, *said, **more):
    return ROWS.script(name, *said, long=True, **more)


@script("SDK: a function that is async, one with setup_function, one on a machine of its own", "^async: 42$", "^set up: once 7$", "^tuple: M$")
def functions():
    import fal

    @fal.function(keep_alive=0)
    async def later(number):
        import asyncio

        await asyncio.sleep(0)
        return number * 2

    def prepare():
        return "once"

    @fal.function(keep_alive=0, setup_function=prepare)
    def prepared(setting, number):
        return f"{setting} {number}"

    print("async:", later(21))
    print("set up:", prepared(7))

    @fal.function(keep_alive=0, machine_type=["M", "S"], request_timeout=60)
    def on_one():
        return "M"

    print("tuple:", on_one())


@script("SDK: @fal.cached, force_env_build, a function with a large argument", "^cached: 1 1$", "^anew: 1$", "^large: 20000000$")
def cached():
    import fal

    @fal.cached
    def once():
        return 1

    @fal.function(keep_alive=0)
    def use():
        return once(), once()

    print("cached:", *use())

    @fal.function(requirements=["iniconfig==2.0.0"], keep_alive=0, force_env_build=True)
    def anew():
        import iniconfig

        return len([iniconfig])

    print("anew:", anew())

    @fal.function(keep_alive=0)
    def measure(piece):
        return len(piece)

    print("large:", measure(os.urandom(20_000_000)))


@row("SDK: an app with async setup, hints, health checks, teardown")
def _(fal):
    fal("deploy", "habits.py::Habits", "--auth", "private", patience=200).expect("Deployed successfully")


@script(
    "what a runner's variables say; the headers of an answer",
    "^agent: 1$",
    "^key: True True$",
    "^host: True$",
    "^name: habits RUNNING$",
    "^hints: habits,kept$",
    "^named: True True$",
)
def variables():
    import httpx

    # By the way that nobody's client adds to.
    key = {"Authorization": f"Key {os.environ['FAL_KEY']}"}
    answer = httpx.post(f"https://{os.environ['FAL_RUN_HOST']}/{APP}", json={"word": "x"}, headers=key, timeout=60)
    told = answer.json()
    print("agent:", told["IS_ISOLATE_AGENT"])
    print("key:", told["FAL_KEY"] == f"{told['FAL_KEY_ID']}:{told['FAL_KEY_SECRET']}", told["FAL_KEY"] != os.environ["FAL_KEY"])
    print("host:", told["FAL_HOST"] == os.environ["FAL_HOST"])
    print("name:", told["FAL_APP_NAME"], told["FAL_RUNNER_STATE"])
    print("hints:", answer.headers.get("x-fal-runner-hints"))
    print("named:", bool(answer.headers.get("x-fal-request-id")), len(told["FAL_JOB_ID"]) == 36)


@script("SDK: fal.apps run, submit, stream; ws refused", "^run: RUNNING$", "^submit: Completed RUNNING$", "^stream: 3$", "^ws: 501 .*not offered")
def apps_module():
    import fal

    print("run:", fal.apps.run(APP, {"word": "a"})["FAL_RUNNER_STATE"])
    handle = fal.apps.submit(APP, {"word": "b"})
    for status in handle.iter_events(logs=True):
        pass
    print("submit:", type(handle.status()).__name__, handle.get()["FAL_RUNNER_STATE"])
    pieces = [each if isinstance(each, str) else each.decode() for each in fal.apps.stream(APP, {}, path="/words")]
    print("stream:", "".join(pieces).count("data:"))
    try:
        with fal.apps.ws(APP) as socket:
            print("ws:", socket.run({"word": "c"}))
    except Exception as problem:
        print("ws:", problem.response.status_code, problem.response.body)


@script(
    "fal-client: stream, cancel while running, priority, hint, start_timeout, an error in words",
    "^stream: \\[0, 1, 2\\]$",
    "^cancelled: True$",
    "^low: RUNNING$",
    "^refused: 418 not this word$",
    "^invalid: 422",
    "^logs: a line about logged$",
)
def more_client():
    import fal_client

    print("stream:", [each["n"] for each in fal_client.stream(APP, arguments={}, path="/words")])
    handle = fal_client.submit(APP, arguments={"word": "x"}, path="/slow")
    while not isinstance(handle.status(), fal_client.InProgress):
        time.sleep(0.1)
    handle.cancel()
    try:
        print("cancelled:", handle.get() == {"stopped": True})
    except fal_client.FalClientError as problem:
        print("cancelled:", "cancel" in str(problem).lower() or problem.response.status_code == 499)
    print("low:", fal_client.submit(APP, arguments={"word": "y"}, priority="low", hint="kept", start_timeout=60).get()["FAL_RUNNER_STATE"])
    for word, path in (("refused", "/refuse"), ("invalid", "/refuse")):
        try:
            fal_client.run(APP, arguments={"word": "x" if word == "refused" else 7}, path=path)
        except fal_client.FalClientHTTPError as problem:
            print(f"{word}:", problem.response.status_code, problem.message)
    handle = fal_client.submit(APP, arguments={"word": "logged"})
    handle.get()
    print("logs:", *(line["message"].strip() for line in handle.status(with_logs=True).logs if "a line" in line["message"]))


@script("fal-client: the async client", "^run: RUNNING$", "^subscribe: RUNNING$", "^stream: 3$")
def async_client():
    import asyncio

    import fal_client

    async def use():
        client = fal_client.AsyncClient()
        print("run:", (await client.run(APP, arguments={"word": "a"}))["FAL_RUNNER_STATE"])
        print("subscribe:", (await client.subscribe(APP, arguments={"word": "b"}, with_logs=True))["FAL_RUNNER_STATE"])
        print("stream:", len([each async for each in client.stream(APP, arguments={}, path="/words")]))

    asyncio.run(use())


@script("fal-client: upload to each repository", "^fal_v3: kept$", "^fal: kept$")
def client_uploads():
    import fal_client
    import fal_client.client
    import httpx

    # The only addresses that this client cannot be told otherwise.
    fal_client.client.REST_URL = "https://" + os.environ["FAL_GRPC_HOST"]
    key = {"Authorization": f"Key {os.environ['FAL_KEY']}"}
    token = httpx.post(fal_client.client.REST_URL + "/storage/auth/token?storage_type=fal-cdn-v3", json={}, headers=key)
    fal_client.client.CDN_URL = token.json()["base_url"]
    for repository in ("fal_v3", "fal"):
        url = fal_client.upload(b"kept", "text/plain", "note.txt", repository=repository, fallback_repository=[])
        print(f"{repository}:", httpx.get(url).text)


@script("SDK: sync_dir, and what an app finds of it in /data", "^Done$", "already uploaded", "^there: kept, local.txt$")
def sync():
    import fal
    import fal_client

    os.makedirs("synced", exist_ok=True)
    with open("synced/local.txt", "w") as file:
        file.write("of a folder")
    fal.sync_dir("synced", "/data/conformance")
    fal.sync_dir("synced", "/data/conformance")
    there = fal_client.run(APP, arguments={"word": "kept there"}, path="/keep")["there"]
    print("there:", ", ".join(name for name in there if not name.startswith(".")))


@row("fal files download, of what the app wrote")
def _(fal):
    fal("files", "download", "/data/conformance/kept", str(fal.folder / "kept")).expect()
    assert (fal.folder / "kept").read_text() == "kept there"
    fal("files", "rm", "conformance").expect()


@script("SDK: a workflow is published, and runs by fal-client", "^published: local/twice$", "^again: .*exists|already", "^ran: RUNNING of c$")
def workflow():
    import fal_client
    import httpx
    from fal.workflows import create_workflow
    from pydantic import BaseModel

    class Word(BaseModel):
        word: str

    class State(BaseModel):
        state: str
        word: str

    twice = create_workflow("twice", Word, State)
    first = twice.run(APP, {"word": twice.input.word})
    second = twice.run(APP, {"word": first.FAL_APP_NAME})
    twice.set_output({"state": second.FAL_RUNNER_STATE, "word": twice.input.word})
    print("published:", twice.publish("Twice"))
    try:
        twice.publish("Twice")
    except RuntimeError as problem:
        print("again:", problem)
    ran = fal_client.subscribe("workflows/local/twice", arguments={"word": "c"})
    print("ran:", ran["state"], "of", ran["word"])
    key = {"Authorization": f"Key {os.environ['FAL_KEY']}"}
    httpx.delete(f"https://{os.environ['FAL_GRPC_HOST']}/workflows/local/twice", headers=key).raise_for_status()


@row("fal runners stop: teardown and handle_exit are heard")
def _(fal):
    id = fal.json("apps", "runners", "habits")["runners"][0]["runner_id"]
    fal("runners", "stop", id).expect()
    for _ in range(30):
        said = fal("runners", "logs", id).text
        if "told to go" in said and "put away" in said:
            break
        time.sleep(1)
    else:
        raise AssertionError(said[-500:])
    fal("apps", "delete", "habits").expect("deleted")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
