"""Rows of the SDK and of fal-client. Run with a function's name, this is the script of one of them."""

import sys

from rows import Rows

ROWS = Rows()
row, script = ROWS.row, ROWS.script


@script("SDK: function called directly, arguments and result", "^8 MiB: 8388608$", "^answer: 42$")
def call():
    import fal

    @fal.function(keep_alive=30)
    def repeat(piece, times=1):
        return piece * times

    print("answer:", repeat(21, times=2))
    print("8 MiB:", len(repeat(b"x" * 1024, times=8 * 1024)))


@script("SDK: submit", "^submitted: 4$", long=True)
def later():
    import fal

    @fal.function()
    def square(number):
        return number * number

    print("submitted:", square.submit(2).result())


@script("SDK: spawn", "spawned: Hello, Ada!$", long=True)
def spawned():
    sys.path.insert(0, ".")
    import apps
    import fal_client

    handle = apps.Greeter.spawn()
    handle.wait()
    print("spawned:", fal_client.run(handle.application, arguments={"name": "Ada"})["message"])
    handle.stream.cancel()


@script("SDK: exception with its cause", "^raised: KeyError 'lost'$", "^cause: ValueError$", "in find")
def raises():
    import traceback

    import fal

    @fal.function()
    def find():
        try:
            raise ValueError("first")
        except ValueError as first:
            raise KeyError("lost") from first

    try:
        find()
    except Exception as problem:
        found = problem
        while found and not isinstance(found, KeyError):
            found = found.__cause__
        print("raised:", type(found).__name__, found)
        print("cause:", type(found.__cause__).__name__)
        traceback.print_exception(found)


@script("SDK: requirements, .on(...)", "^lazy: 2$", "^machine: M$", long=True)
def requirements():
    import fal

    @fal.function(requirements=["iniconfig==2.0.0"])
    def count():
        import iniconfig

        return len([iniconfig.__name__, "two"])

    print("lazy:", count())
    bigger = count.on(machine_type="M")
    bigger()
    print("machine:", bigger.options.host["machine_type"])


# Its thread for the app's log may be in the middle of a line.
@script("SDK: AppClient.connect", "told: Hello, Ada!$", long=True)
def app_client():
    sys.path.insert(0, ".")
    import apps
    from fal.app import AppClient

    with AppClient.connect(apps.Greeter) as client:
        print("told:", client.greet({"name": "Ada"})["message"])


@row("SDK: an app for the rows of fal-client")
def _(fal):
    fal("deploy", "apps.py::Greeter", "--auth", "private", patience=200).expect()


@script("fal-client: run, subscribe, submit, status, result", "^run: Hello, a!$", "^subscribe: Hello, b!$", "^result: Hello, c!$")
def client():
    import fal_client

    app = "local/greeter"
    print("run:", fal_client.run(app, arguments={"name": "a"})["message"])
    print("subscribe:", fal_client.subscribe(app, arguments={"name": "b"}, with_logs=True)["message"])
    handle = fal_client.submit(app, arguments={"name": "c"})
    for _ in handle.iter_events(with_logs=True):
        pass
    print("result:", handle.get()["message"])


@script("fal-client: an error of the app", "^status: 500$", long=True)
def client_error():
    import fal_client

    try:
        fal_client.run("local/greeter/fail", arguments={})
    except Exception as problem:
        print("status:", problem.response.status_code)


@row("SDK: an app with @fal.realtime in its five modes", long=True)
def _(fal):
    fal("deploy", "apps.py::Live", "--auth", "private", patience=300).expect()


@script("fal-client: realtime in five modes", "^unary: ADA$", "^batched: a", "^server: x 2$", "^client: a and b$", "^both: b!$", long=True)
def realtime():
    import fal_client

    def open(path):
        return fal_client.realtime("local/live", path=path, use_jwt=False)

    with open("/realtime") as live:
        live.send({"name": "ada"})
        print("unary:", live.recv()["name"])
    with open("/batched") as live:
        for name in "abcd":
            live.send({"name": name})
        print("batched:", live.recv()["name"])
    with open("/counted") as live:
        live.send({"name": "x"})
        # The SDK says itself that it may change their order.
        print("server:", sorted(live.recv()["name"] for _ in range(3))[-1])
    with open("/joined") as live:
        for name in "ab":
            live.send({"name": name})
        print("client:", live.recv()["name"])
    with open("/echoed") as live:
        for name in "ab":
            live.send({"name": name})
        print("both:", [live.recv()["name"] for _ in range(2)][-1])


@script("fal-client: realtime with a short-lived token", "^by token: ADA$", "^of another app: refused$", long=True)
def realtime_token():
    import os

    import fal_client
    import fal_client.client

    # The only address that this client cannot be told otherwise.
    fal_client.client.REST_URL = "https://" + os.environ["FAL_GRPC_HOST"]
    with fal_client.realtime("local/live") as live:
        live.send({"name": "ada"})
        print("by token:", live.recv()["name"])

    class Other(fal_client.SyncClient):
        def _get_realtime_token(self, application, **more):
            return super()._get_realtime_token("local/greeter", **more)

    try:
        with Other().realtime("local/live") as live:
            live.send({"name": "ada"})
            print("of another app:", live.recv())
    except Exception:
        print("of another app: refused")


def websocket():
    import os

    from websockets.sync.client import connect

    key = {"Authorization": f"Key {os.environ['FAL_KEY']}"}
    with connect(f"wss://{os.environ['FAL_RUN_HOST']}/local/companions/ws", additional_headers=key) as socket:
        socket.send("hello")
        print("heard:", socket.recv())


def asleep():
    import fal_client

    for _ in range(2):
        fal_client.submit("local/sleeper", arguments={})
    print("queued")


def uploads():
    import ssl

    import fal_client
    import httpx

    links = fal_client.run("local/upload", arguments={})
    trust = ssl.create_default_context()
    text = httpx.get(links.pop("text"), verify=trust).text
    red = []
    for repository, url in links.items():
        image = httpx.get(url, verify=trust).raise_for_status().content
        if image[:2] == b"\xff\xd8" or image[1:4] == b"PNG":
            red.append(repository)
    print("red:", *red)
    print("text:", text)


@row("SDK: that app deleted, too", long=True)
def _(fal):
    fal("apps", "delete", "live").expect()


@row("an app calls another by fal-client, over TLS", long=True)
def _(fal):
    fal("deploy", "apps.py::Caller", patience=300).expect()
    said = fal("api", "local/caller", "name=Eve", patience=200)
    said.expect("by fal_client.*Hello, Eve", "by its queue.*Hello, Eve", "by requests.*Hello, Eve", "owner's part.*404")
    fal("apps", "delete", "caller").expect()


@row("SDK: that app deleted")
def _(fal):
    fal("apps", "delete", "greeter").expect()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
