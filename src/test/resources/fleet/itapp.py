"""What the runners of FleetIT run."""

import asyncio
import http.client
import http.server
import mmap
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import fal


class Hello(fal.App):
    def setup(self):
        print("secret is", os.environ.get("TOKEN"))

    @fal.endpoint("/")
    def hello(self, data: dict) -> dict:
        print("greeting", data["name"])
        return {"hello": data["name"], "pid": os.getpid()}

    @fal.endpoint("/sleeps")
    async def sleeps(self, data: dict) -> dict:
        print("sleeping", flush=True)
        while not os.path.exists("/tmp/wake"):
            await asyncio.sleep(0.02)
        return {"slept": True}

    @fal.endpoint("/wake")
    def wake(self, data: dict) -> dict:
        open("/tmp/wake", "w").close()
        return {}

    @fal.endpoint("/file")
    def file(self, data: dict) -> dict:
        path = "/app/" + data["path"]
        with open(path) as file:
            return {"text": file.read(), "mode": os.stat(path).st_mode & 0o777, "cwd": os.getcwd()}

    @fal.endpoint("/keep")
    def keep(self, data: dict) -> dict:
        with open("/data/kept", "w") as file:
            file.write(data["text"])
        return {}

    @fal.endpoint("/kept")
    def kept(self, data: dict) -> dict:
        with open("/data/kept") as file:
            return {"text": file.read()}

    @fal.endpoint("/nested")
    def nested(self, data: dict) -> dict:
        host, _, port = os.environ["FAL_RUN_HOST"].rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        connection.request("GET", "/through/the/door")
        return {"said": connection.getresponse().read().decode()}

    @fal.endpoint("/environment")
    def environment(self, data: dict) -> dict:
        return {name: os.environ[name] for name in data["names"] if name in os.environ}

    @fal.endpoint("/device")
    def device(self, data: dict) -> dict:
        try:
            with open(data["path"], "rb", buffering=0) as file:
                return {"read": file.read(2).hex()}
        except OSError as e:
            return {"error": e.strerror}

    @fal.endpoint("/try")
    def attempt(self, data: dict) -> dict:
        names = {}
        try:
            exec(data["code"], names)
        except BaseException as e:
            return {"got": f"{type(e).__name__}: {e}"}
        return {"got": str(names["got"])}

    @fal.endpoint("/talk")
    def talk(self, data: dict) -> dict:
        for i in range(200):
            os.write(1, b"x" * 100_000)
        print("\nsaid all", flush=True)
        return {}

    @fal.endpoint("/crash")
    def crash(self, data: dict) -> dict:
        os._exit(9)

    def teardown(self):
        print("tearing down", flush=True)


class Broken(fal.App):
    def setup(self):
        raise RuntimeError("no weights")

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


class Slow(fal.App):
    def setup(self):
        time.sleep(3600)

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


class Leaves(fal.App):
    def setup(self):
        print("I leave", file=sys.stderr, flush=True)
        os._exit(3)

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


class Eats(fal.App):
    def setup(self):
        eaten = []
        while True:
            eaten.append(bytearray(os.urandom(1 << 20) * 16))

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


class LeavesInOrder(fal.App):
    """Says what it is told on its way out."""

    def handle_exit(self):
        print("told to leave", flush=True)
        open("/tmp/told", "w").close()

    @fal.endpoint("/")
    async def work(self, data: dict) -> dict:
        print("working", flush=True)
        while not os.path.exists("/tmp/told"):
            await asyncio.sleep(0.02)
        print("work is done", flush=True)
        return {"done": True}

    @fal.endpoint("/cling")
    def cling(self, data: dict) -> dict:
        open("/tmp/cling", "w").close()
        return {}

    def teardown(self):
        print("torn down last", flush=True)
        if os.path.exists("/tmp/cling"):
            threading.Event().wait()


class Redirects(fal.App):
    """Puts a link to another socket where the server expects the app's."""

    def setup(self):
        os.unlink("/run/mews/app.sock")
        os.symlink("/run/elsewhere.sock", "/run/mews/app.sock")

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    own_server()


def own_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"my own on 8000")

    http.server.HTTPServer(("0.0.0.0", 8000), Handler).serve_forever()


def serves_once():
    class Handler(http.server.BaseHTTPRequestHandler):
        done = False

        def do_GET(self):
            Handler.done = True
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"once")

    server = http.server.HTTPServer(("0.0.0.0", 8000), Handler)
    while not Handler.done:
        server.handle_request()


def add():
    return 1 + 1


def fails():
    raise ValueError("it broke")


def endless():
    print("running", flush=True)
    threading.Event().wait()


def unpicklable():
    return threading.Lock()


def outside():
    """Whether the host's own services can be reached."""
    reached = []
    for port in (int(os.environ["HOST_PORT"]),):
        with socket.socket() as probe:
            probe.settimeout(2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                reached.append(port)
    return reached


class SetUpAhead(fal.App):
    """Needs memory and time to be set up, and tells when that was."""

    def setup(self):
        print("setting up for", os.environ["FAL_RUNNER_STATE"])
        print("minding the memory", file=sys.stderr)
        self.weights = bytearray(os.urandom(1024) * 50_000)
        with open(os.path.expanduser("~/cache"), "w") as file:
            file.write("kept")
        time.sleep(0.3)
        self.at = time.time()

    @fal.endpoint("/")
    def facts(self, data: dict) -> dict:
        return {
            "at": self.at,
            "weights": sum(self.weights),
            "random": random.random(),
            "cache": open(os.path.expanduser("~/cache")).read(),
            "state": os.environ["FAL_RUNNER_STATE"],
            "forked": FORKED,
        }

    def teardown(self):
        print("set up ahead, torn down here", flush=True)


set_up_ahead = SetUpAhead.run_local


class SetUpLater(fal.App):
    def setup(self):
        self.at = time.time()
        self.held = self.hold()

    def hold(self):
        return None

    @fal.endpoint("/")
    def facts(self, data: dict) -> dict:
        return {"at": self.at}


class HoldsSocket(SetUpLater):
    def hold(self):
        return socket.socket()


class HoldsThread(SetUpLater):
    def hold(self):
        thread = threading.Thread(target=threading.Event().wait, name="mine", daemon=True)
        thread.start()
        return thread


class HoldsDevice(SetUpLater):
    def hold(self):
        return open("/dev/ptmx", "rb", buffering=0)


class HoldsProcess(SetUpLater):
    def hold(self):
        return subprocess.Popen(["/bin/sleep", "60"], stdin=subprocess.DEVNULL)


class HoldsSharedMemory(SetUpLater):
    def hold(self):
        return mmap.mmap(-1, 4096)


class NeedsNetwork(SetUpLater):
    def hold(self):
        raise OSError("no route to the weights")


class Born(fal.App):
    """Tells how it came to be."""

    @fal.endpoint("/")
    def facts(self, data: dict) -> dict:
        with open("/proc/self/status") as file:
            status = dict(line.strip("\n").split(":\t", 1) for line in file if ":\t" in line)
        with open("/proc/self/mounts") as file:
            mounts = [line.split()[1] for line in file]
        return {
            "forked": FORKED,
            "random": random.random(),
            "pid": os.getpid(),
            "uid": os.getuid(),
            "rights": status["CapEff"] + status["CapPrm"] + status["CapBnd"],
            "filters": status["Seccomp_filters"],
            "no_new_privileges": status["NoNewPrivs"],
            "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
            "mounts": mounts,
            "hidden": os.listdir("/.mews") if os.path.exists("/.mews") else [],
            "host_name": socket.gethostname(),
            "interfaces": sorted(name for _, name in socket.if_nameindex()),
            "files": sorted(os.listdir("/tmp")),
            "output": os.readlink("/proc/self/fd/1").partition(":")[0],
            "threads": threading.active_count(),
            "unshares": unshare(),
        }

    @fal.endpoint("/leave")
    def leave(self, data: dict) -> dict:
        open("/tmp/" + data["name"], "w").close()
        return {}

    @fal.endpoint("/orphan")
    def orphan(self, data: dict) -> dict:
        subprocess.run(["/bin/sh", "-c", "sleep 0.2 &"], check=True)
        return {}

    def teardown(self):
        print("born to be torn down", flush=True)


class OnlyPlain(fal.App):
    def setup(self):
        if FORKED:
            os.abort()

    @fal.endpoint("/")
    def hello(self, data: dict) -> dict:
        return {"forked": FORKED}


class UnwellFork(fal.App):
    @fal.endpoint("/")
    def hello(self, data: dict) -> dict:
        return {}

    @fal.endpoint("/health")
    def health(self) -> dict:
        assert not FORKED
        return {}


FORKED = "parent" in sys.argv


def unshare() -> bool:
    """Whether this process could make a user namespace."""
    import ctypes

    child = os.fork()
    if child == 0:
        os._exit(0 if ctypes.CDLL(None).unshare(0x10000000) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0
