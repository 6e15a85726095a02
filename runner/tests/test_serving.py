"""Apps that serve: fal's own, own servers, readiness, labels, ends. Needs fal's SDK."""

from __future__ import annotations

import json
import os
import socket
import threading
import unittest

import sdk
from harness import RunnerUnderTest

IDS = [
    "018f0000-0000-7000-8000-000000000001",
    "018f0000-0000-7000-8000-000000000002",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Serving(unittest.TestCase):
    def runner(self) -> RunnerUnderTest:
        runner = RunnerUnderTest(sdk.base_python())
        self.addCleanup(runner.close)
        return runner

    def started(self, symbol: str, **fields: object) -> RunnerUnderTest:
        runner = self.runner()
        settings = {
            "method": "cloudpickle",
            "paths": sdk.app_packages(),
            "support": sdk.support(),
            "exposed_port": 8080,
            "metrics_port": 9090,
            "job": False,
        }
        settings.update(fields)
        runner.start(sdk.pickled(symbol), **settings)
        return runner

    def ready(self, symbol: str, **fields: object) -> RunnerUnderTest:
        runner = self.started(symbol, **fields)
        runner.message("ready")
        return runner

    def test_serves_an_app_without_the_sdk_being_installed(self) -> None:
        runner = self.ready("Hello")
        self.assertEqual(runner.call(body='{"name": "Ada"}').json(), {"hello": "Ada"})
        self.assertEqual(runner.call("GET", "/health").json(), {"version": "unknown"})
        self.assertIn(b"fal_app_info", runner.call("GET", "/metrics", name="metrics.sock").body)

    def test_serves_with_older_versions_of_uvicorn(self) -> None:
        for version in ("0.23.0", "0.29.0", "0.36.0"):
            with self.subTest(version):
                runner = self.ready("Hello", paths=sdk.app_packages("uvicorn==" + version))
                answer = runner.call(body='{"name": "Ada"}', headers={"x-fal-request-id": IDS[0]})
                self.assertEqual(answer.json(), {"hello": "Ada"})
                self.assertEqual(runner.line("greeting Ada")["r"], IDS[0])
                self.assertEqual(runner.call("GET", "/metrics", name="metrics.sock").status, 200)
                runner.process.terminate()
                self.assertIn(runner.end(), (0, -15))
                self.assertIn("tearing down", runner.lines())

    def test_a_failing_setup_is_told_by_older_versions_of_uvicorn(self) -> None:
        runner = self.started("Broken", paths=sdk.app_packages("uvicorn==0.23.0"))
        self.assertEqual(runner.message("failed")["message"], "RuntimeError: no weights at /data/model")
        self.assertNotEqual(runner.end(), 0)

    def test_tells_all_phases(self) -> None:
        runner = self.ready("Hello")
        self.assertEqual(runner.phases(), ["interpreter", "imports", "load", "setup", "bind"])

    def test_two_apps_with_the_same_ports_run_side_by_side(self) -> None:
        first, second = self.ready("Hello"), self.ready("Hello")
        for runner in (first, second):
            self.assertEqual(runner.call(body='{"name": "Eve"}').status, 200)

    def test_an_app_with_another_exposed_port_is_found_where_it_listens(self) -> None:
        runner = self.ready("Hello", exposed_port=9123)
        self.assertEqual(runner.call(body='{"name": "Ada"}').status, 200)

    def test_serves_a_function(self) -> None:
        runner = self.ready("served")
        self.assertEqual(runner.call(path="/?name=Bo").json(), {"hello": "Bo"})

    def test_serves_an_entry_point(self) -> None:
        runner = self.runner()
        with open(os.path.join(sdk.HERE, "apps", "hello.py")) as app:
            runner.module("entry", app.read())
        runner.start(
            kind="entrypoint",
            entrypoint="entry:Hello.run_local",
            paths=[runner.packages] + sdk.packages(),
            exposed_port=8080,
            job=False,
            env={"FAL_GRPC_HOST": "127.0.0.1:1", "IS_ISOLATE_AGENT": "1"},
        )
        runner.message("ready")
        self.assertEqual(runner.call(body='{"name": "Ada"}').json(), {"hello": "Ada"})
        runner.process.terminate()
        self.assertEqual(runner.end(), -15)
        self.assertIn("tearing down", runner.lines())

    def test_reads_the_metadata_of_an_entry_point(self) -> None:
        import pickle

        runner = self.runner()
        with open(os.path.join(sdk.HERE, "apps", "hello.py")) as app:
            runner.module("entry", app.read())
        runner.start(
            kind="entrypoint",
            method="cloudpickle",
            entrypoint="entry:Hello.build_metadata",
            paths=[runner.packages] + sdk.packages(),
            env={"FAL_GRPC_HOST": "127.0.0.1:1", "IS_ISOLATE_AGENT": "1"},
        )
        self.assertFalse(runner.message("result")["raised"])
        self.assertIn("openapi", pickle.loads(runner.result()))

    def test_labels_lines_with_their_request(self) -> None:
        runner = self.ready("Hello")
        runner.call(body='{"name": "Ada"}', headers={"x-fal-request-id": IDS[0]})
        self.assertEqual(runner.line("greeting Ada")["r"], IDS[0])
        self.assertTrue(runner.line("setting up")["plain"])

    def test_labels_stay_right_when_requests_print_in_turns(self) -> None:
        runner = self.ready("Hello")
        calls = [
            threading.Thread(
                target=runner.call,
                args=("POST", "/together", json.dumps({"name": name}), {"x-fal-request-id": request}),
            )
            for name, request in zip(("one", "two"), IDS)
        ]
        for call in calls:
            call.start()
        for call in calls:
            call.join()
        for name, request in zip(("one", "two"), IDS):
            for i in range(3):
                self.assertEqual(runner.line("together %s %d" % (name, i))["r"], request)

    def test_halves_of_lines_find_each_other(self) -> None:
        runner = self.ready("Hello")
        runner.call(path="/waits", body='{"name": "it"}', headers={"x-fal-request-id": IDS[0]})
        self.assertEqual(runner.line("half of it")["r"], IDS[0])

    def test_prints_the_traceback_of_a_request(self) -> None:
        runner = self.ready("Hello")
        answer = runner.call(path="/breaks", body="{}", headers={"x-fal-request-id": IDS[0]})
        self.assertEqual(answer.status, 500)
        line = runner.line("ValueError: broken on purpose\n")
        self.assertEqual((line["r"], line["l"], line["s"]), (IDS[0], "error", "user"))
        self.assertIn("in breaks", line["m"])
        # The server's own account of it comes line by line.
        runner.line("Exception in ASGI application")
        plain = [p for p in runner.printed if p["m"].strip() == "ValueError: broken on purpose"]
        self.assertEqual([p.get("r") for p in plain], [IDS[0]] * len(plain))

    def test_a_failing_setup_is_told_with_its_cause(self) -> None:
        runner = self.started("Broken")
        message = runner.message("failed")
        self.assertEqual(message["phase"], "setup")
        self.assertEqual(message["message"], "RuntimeError: no weights at /data/model")
        self.assertIn("in setup", message["traceback"])
        self.assertNotEqual(runner.end(), 0)
        self.assertNotIn("ready", [m["type"] for m in runner.heard])

    def test_a_failing_setup_is_told_for_a_job_too(self) -> None:
        runner = self.started("Broken", job=True)
        self.assertEqual(runner.message("failed")["phase"], "setup")
        runner.end()
        self.assertNotIn("result", [m["type"] for m in runner.heard])

    def test_an_app_that_exits_leaves_its_code(self) -> None:
        runner = self.started("Leaves")
        self.assertEqual(runner.end(), 3)

    def test_sigterm_lets_requests_finish_and_tears_down(self) -> None:
        runner = self.ready("Hello")
        answers = []
        call = threading.Thread(
            target=lambda: answers.append(runner.call(path="/sleeps", body='{"seconds": 1}'))
        )
        call.start()
        runner.line("sleeping")
        runner.process.terminate()
        call.join()
        self.assertEqual(answers[0].json(), {"slept": True})
        self.assertEqual(runner.end(), -15)
        self.assertEqual(runner.lines().count("handling exit"), 1)
        self.assertIn("tearing down", runner.lines())

    def test_an_own_server_is_found_on_its_port(self) -> None:
        port = free_port()
        runner = self.ready(
            "own_server", exposed_port=port, metrics_port=None, env={"OWN_PORT": str(port)}
        )
        self.assertEqual(runner.call("GET").body, b"my own")
        self.assertEqual(runner.phases()[-2:], ["setup", "bind"])

    def test_an_own_server_on_a_busy_port_is_told_who_holds_it(self) -> None:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            runner = self.started(
                "own_server", exposed_port=port, metrics_port=None, env={"OWN_PORT": str(port)}
            )
            message = runner.message("failed")["message"]
        self.assertIn("port %d is held by process %d" % (port, os.getpid()), message)

    def test_uvicorn_of_the_users_own_keeps_its_port(self) -> None:
        port = free_port()
        runner = self.runner()
        runner.module("own", OWN_UVICORN)
        runner.start(
            b"cown\nserve\n.",
            paths=[runner.packages] + sdk.app_packages(),
            exposed_port=port,
            job=False,
            env={"OWN_PORT": str(port)},
        )
        runner.message("ready")
        answer = runner.call("GET", "/", headers={"x-fal-request-id": IDS[0]})
        self.assertEqual(answer.body, b"by uvicorn")
        self.assertEqual(runner.line("asked")["r"], IDS[0])


OWN_UVICORN = """
import os

async def app(scope, receive, send):
    if scope["type"] == "http":
        print("asked")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"by uvicorn"})

def serve():
    import uvicorn
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["OWN_PORT"]), lifespan="off")
"""


if __name__ == "__main__":
    unittest.main()
