"""The way from an app to the server: addresses inside, one Unix socket outside."""

from __future__ import annotations

import os
import pickle
import socket
import threading
import unittest

from harness import RunnerUnderTest
from test_serving import free_port

APP = """
import http.client, os

def ask():
    connection = http.client.HTTPConnection(os.environ["HOST"], int(os.environ["DOOR"]), timeout=30)
    connection.request("POST", "/echo", b"x" * 500_000)
    return connection.getresponse().read()
"""


class Echo(threading.Thread):
    """Answers one HTTP request with the number of bytes it had."""

    def __init__(self, path: str) -> None:
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()

    def run(self) -> None:
        peer, _ = self.listener.accept()
        with peer:
            received = b""
            while received.count(b"x") < 500_000:
                received += peer.recv(65536)
            body = str(received.count(b"x")).encode()
            peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))


class Door(unittest.TestCase):
    def asked_at(self, host: str, port: int) -> object:
        runner = RunnerUnderTest()
        self.addCleanup(runner.close)
        runner.module("userapp", APP)
        echo = Echo(os.path.join(runner.folder, "door.sock"))
        self.addCleanup(echo.listener.close)
        echo.start()
        runner.start(
            b"cuserapp\nask\n.",
            door=["127.0.0.2:%d" % port, "mews.invalid:%d" % port],
            env={"HOST": host, "DOOR": str(port)},
        )
        runner.message("result")
        return pickle.loads(runner.result())

    def test_the_server_answers_at_the_addresses_that_the_developer_knows(self) -> None:
        for host in ("127.0.0.2", "localhost", "mews.invalid"):
            with self.subTest(host):
                self.assertEqual(self.asked_at(host, free_port()), b"500000")

    def test_an_own_server_gets_the_port_it_asks_for(self) -> None:
        runner = RunnerUnderTest()
        self.addCleanup(runner.close)
        runner.module("userapp", OWN_SERVER)
        port = free_port()
        runner.start(
            b"cuserapp\nserve\n.",
            door=["127.0.0.1:%d" % port],
            own_network=True,
            exposed_port=port,
            job=False,
            env={"DOOR": str(port)},
        )
        runner.message("ready")
        self.assertEqual(runner.call("GET").body, b"mine")


OWN_SERVER = """
import http.server, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"mine")

def serve():
    http.server.HTTPServer(("127.0.0.1", int(os.environ["DOOR"])), Handler).serve_forever()
"""


if __name__ == "__main__":
    unittest.main()
