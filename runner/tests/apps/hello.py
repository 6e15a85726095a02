import asyncio
import os
import sys
import threading

import fal


class Hello(fal.App):
    machine_type = "XS"

    def setup(self):
        print("setting up", flush=True)
        self.barrier = threading.Barrier(2)

    @fal.endpoint("/")
    def hello(self, data: dict) -> dict:
        print("greeting", data["name"])
        return {"hello": data["name"]}

    @fal.endpoint("/together")
    def together(self, data: dict) -> dict:
        # Two requests print in turns, from two threads.
        for i in range(3):
            self.barrier.wait()
            print("together", data["name"], i)
        return {}

    @fal.endpoint("/waits")
    async def waits(self, data: dict) -> dict:
        print("half of", end=" ")
        await asyncio.sleep(0)
        print(data["name"])
        return {}

    @fal.endpoint("/breaks")
    def breaks(self, data: dict) -> dict:
        raise ValueError("broken on purpose")

    @fal.endpoint("/sleeps")
    async def sleeps(self, data: dict) -> dict:
        print("sleeping", flush=True)
        await asyncio.sleep(data["seconds"])
        return {"slept": True}

    @fal.endpoint("/client")
    def client(self, data: dict) -> dict:
        return {"state": os.environ["FAL_RUNNER_STATE"], "python": sys.executable}

    def handle_exit(self):
        print("handling exit", flush=True)

    def teardown(self):
        print("tearing down", flush=True)


class Broken(fal.App):
    def setup(self):
        raise RuntimeError("no weights at /data/model")

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


class Leaves(fal.App):
    def setup(self):
        os._exit(3)

    @fal.endpoint("/")
    def hello(self) -> dict:
        return {}


@fal.function(serve=True)
def served(name: str = "you"):
    print("served", name)
    return {"hello": name}


@fal.function(exposed_port=8000)
def own_server():
    import http.server

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"my own")

    http.server.HTTPServer(("127.0.0.1", int(os.environ["OWN_PORT"])), Handler).serve_forever()
