"""What a warm parent does ahead of its forks: that it leaves nothing behind, and runs nothing of the user's."""

import json
import subprocess
import sys
import unittest

import sdk
from harness import PATIENCE, SOURCE

sys.path.insert(0, SOURCE)
from mews_runner import prebuilt  # noqa: E402

SERVE = """
import asyncio, json, os, sys
sys.path[:0] = json.loads(sys.argv[1])
import fastapi, starlette_exporter, uvicorn
from importlib import metadata
from mews_runner import rehearsal
before = os.listdir("/proc/self/fd")
rehearsal.serve()
rehearsal.remember_packages(sys.path[:3])
print(json.dumps({
    "left": len(os.listdir("/proc/self/fd")) - len(before),
    "served": "anyio._backends._asyncio" in sys.modules,
    "known": metadata.distribution("fastapi").metadata is metadata.distribution("fastapi").metadata,
    "name": metadata.metadata("fastapi")["Name"],
}))
"""


ASK = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import fastapi
from mews_runner import prebuilt
seen = []

class App:
    def __init__(self, _allow_init=False): pass
    def collect_routes(self): pass
    def _add_extra_middlewares(self, app): pass
    def _add_extra_routes(self, app): pass
    def provide_hints(self): pass
    def _build_app(self):
        app = fastapi.FastAPI()
        app.add_api_route(sys.argv[2], lambda: seen.append("answered"), methods=["POST"])
        @app.middleware("http")
        async def passed_on(request, call_next):
            seen.append("asked")
            return await call_next(request)
        return app

for step in prebuilt.STEPS[1:]:
    getattr(App, step).__module__ = "fal.app"
App.provide_hints.__module__ = sys.argv[3]
def made(cls):
    def serve(): return cls()
    def wrapper(): pass
    wrapper.__wrapped__ = serve
    return wrapper
prebuilt.Prebuilt.of(made(App)).rehearse()
print(json.dumps(seen))
"""


class ServeTest(unittest.TestCase):
    def test_serves_a_request_leaves_nothing_open_and_remembers_packages(self) -> None:
        paths = [SOURCE, *sdk.app_packages()]
        done = subprocess.run(
            [sdk.base_python(), "-B", "-S", "-c", SERVE, json.dumps(paths)],
            stdout=subprocess.PIPE,
            timeout=PATIENCE,
            check=True,
        )
        self.assertEqual(json.loads(done.stdout), {"left": 0, "served": True, "known": True, "name": "fastapi"})


def app_class(**own):
    """A class whose steps are the SDK's but for those given."""
    built = []

    class App:
        def __init__(self, _allow_init=False):
            built.append("made")

        def collect_routes(self):
            return {}

        def _build_app(self):
            built.append("built")

        def _add_extra_middlewares(self, app):
            pass

        def _add_extra_routes(self, app):
            pass

    for step in prebuilt.STEPS[1:]:
        getattr(App, step).__module__ = "fal.app"
    return type("Cold", (App,), own), built


def wrapped(cls):
    def initialize_and_serve():
        return cls()

    def wrapper():
        return initialize_and_serve()

    wrapper.__wrapped__ = initialize_and_serve
    return wrapper


class BuildTest(unittest.TestCase):
    def test_builds_an_app_whose_steps_are_the_sdk_s(self) -> None:
        cls, built = app_class()
        prebuilt.Prebuilt.of(wrapped(cls))
        self.assertEqual(built, ["made", "built"])

    def test_leaves_an_app_alone_that_has_steps_of_its_own(self) -> None:
        for step in prebuilt.STEPS:
            with self.subTest(step):
                cls, built = app_class(**{step: lambda self, *arguments: built.append("own")})
                prebuilt.Prebuilt.of(wrapped(cls))
                self.assertEqual(built, [])

    def test_asks_an_app_for_nothing_unless_its_own_code_would_answer(self) -> None:
        for own_hints, path, expected in ((False, "/", ["asked"]), (True, "/", []), (False, "/{every:path}", [])):
            with self.subTest(own_hints=own_hints, path=path):
                done = subprocess.run(
                    [sdk.base_python(), "-B", "-S", "-c", ASK, json.dumps([SOURCE, *sdk.app_packages()])]
                    + [path, "own" if own_hints else "fal"],
                    stdout=subprocess.PIPE,
                    timeout=PATIENCE,
                    check=True,
                )
                self.assertEqual(json.loads(done.stdout), expected)

    def test_bears_a_function_that_is_no_app(self) -> None:
        for function in (None, len, wrapped(object)):
            self.assertIsNone(prebuilt.Prebuilt.of(function))

    def test_hands_out_what_was_built_to_the_next_instance_only(self) -> None:
        cls, built = app_class()
        prebuilt.Prebuilt.of(wrapped(cls)).hand_out()
        first, second = cls(), cls(_allow_init=True)
        self.assertIsNot(first, second)
        self.assertEqual(vars(second), {})
        for app in (first, first, second):
            app._build_app()
        self.assertEqual(built, ["made", "built", "made", "made", "built", "built"])
        self.assertEqual(vars(first), {})

    def test_other_classes_are_made_as_ever(self) -> None:
        cls, built = app_class()
        prebuilt.Prebuilt.of(wrapped(cls)).hand_out()
        other = type("Other", (cls,), {})
        self.assertIsInstance(other(), other)
        self.assertEqual(vars(cls()).keys(), {"_build_app"})


if __name__ == "__main__":
    unittest.main()
