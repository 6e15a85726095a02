"""Functions that return: loading, results, failures, output."""

from __future__ import annotations

import pickle
import unittest

from harness import RunnerUnderTest

APP = """
import os, sys, threading

def add():
    return 1 + 1

async def later():
    import asyncio
    await asyncio.sleep(0)
    return "later"

def fail():
    try:
        {}["cause"]
    except KeyError as e:
        raise ValueError("it broke") from e

def leave():
    sys.exit(7)

def lock():
    return threading.Lock()

def big():
    return b"x" * 1_000_000

def where():
    return threading.current_thread() is threading.main_thread(), os.getcwd(), os.environ["SECRET"]

def use(argument):
    return argument + ["used"]

def prepare():
    return ["prepared"]

def unprepared():
    raise RuntimeError("no model")

def speak():
    print("to", "stdout")
    print("half", end="")
    sys.stdout.flush()
    print("to stderr", file=sys.stderr)
    os.write(1, b"raw\\n")
    os.system("echo from a child")

def empty_stdin():
    return sys.stdin.read()

def loop_inside():
    import asyncio
    async def ok():
        return "no loop was running"
    return asyncio.run(ok())

def in_loop():
    import asyncio
    return asyncio.get_running_loop() is not None
in_loop._run_on_main_thread = True

def deaf():
    import signal
    signal.signal(signal.SIGTERM, lambda *_: None)
    print("running", flush=True)
    while True:
        threading.Event().wait(1)

def progress():
    for percent in (10, 90):
        sys.stderr.write("\\r%d%%" % percent)
    sys.stderr.write("\\n")

def at_the_end():
    import atexit
    atexit.register(print, "last words")

def leaves_a_thread():
    threading.Thread(target=threading.Event().wait).start()
    print("half a line", end="")
    return "left"

def forks():
    import multiprocessing
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(square, [1, 2, 3])

def spawns():
    import multiprocessing
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.map(square, [1, 2, 3])

def square(number):
    print("squaring", number)
    return number * number

def crash():
    os.abort()

def child():
    import subprocess
    code = "import userapp; print(userapp.add())"
    return subprocess.check_output([sys.executable, "-c", code], text=True)

def endless():
    print("running", flush=True)
    threading.Event().wait()

value = 5
"""


def by_name(name: str) -> bytes:
    """A pickle that finds `userapp.<name>` when it is decoded."""
    return b"cuserapp\n%s\n." % name.encode()


class Functions(unittest.TestCase):
    def runner(self) -> RunnerUnderTest:
        runner = RunnerUnderTest()
        self.addCleanup(runner.close)
        runner.module("userapp", APP)
        return runner

    def returned(self, name: str, **fields: object) -> object:
        runner = self.runner()
        runner.start(by_name(name), **fields)
        message = runner.message("result")
        self.assertFalse(message["raised"])
        self.assertEqual(runner.end(), 0)
        return pickle.loads(runner.result())

    def failed(self, function: bytes, **fields: object) -> dict:
        runner = self.runner()
        runner.start(function, **fields)
        message = runner.message("failed")
        self.assertEqual(runner.end(), 1)
        self.assertEqual(message["message"].count("\n"), 0)
        return message

    def test_returns_what_the_function_returned(self) -> None:
        self.assertEqual(self.returned("add"), 2)

    def test_awaits_a_coroutine(self) -> None:
        self.assertEqual(self.returned("later"), "later")

    def test_hands_over_a_large_result_in_a_file(self) -> None:
        self.assertEqual(self.returned("big"), b"x" * 1_000_000)

    def test_sets_variables_and_working_folder_before_loading(self) -> None:
        runner = self.runner()
        runner.start(by_name("where"), env={"SECRET": "hush"})
        runner.message("result")
        self.assertEqual(pickle.loads(runner.result()), (True, runner.work, "hush"))

    def test_gives_the_result_of_setup_as_first_argument(self) -> None:
        import base64

        setup = base64.b64encode(by_name("prepare")).decode()
        self.assertEqual(self.returned("use", setup=setup), ["prepared", "used"])

    def test_sends_what_setup_raised(self) -> None:
        import base64

        runner = self.runner()
        runner.start(by_name("use"), setup=base64.b64encode(by_name("unprepared")).decode())
        message = runner.message("result")
        self.assertTrue(message["raised"])
        self.assertIsInstance(pickle.loads(runner.result()), RuntimeError)
        self.assertIn("setup", runner.phases())

    def test_sends_the_exception_with_its_traceback_and_none_of_ours(self) -> None:
        runner = self.runner()
        runner.start(by_name("fail"))
        message = runner.message("result")
        self.assertTrue(message["raised"])
        self.assertIsInstance(pickle.loads(runner.result()), ValueError)
        self.assertIn("KeyError", message["traceback"])
        self.assertIn("in fail", message["traceback"])
        self.assertNotIn("mews_runner", message["traceback"])

    def test_sends_even_an_exit_as_raised(self) -> None:
        runner = self.runner()
        runner.start(by_name("leave"))
        self.assertTrue(runner.message("result")["raised"])
        self.assertIsInstance(pickle.loads(runner.result()), SystemExit)

    def test_has_no_loop_running_around_a_plain_function(self) -> None:
        self.assertEqual(self.returned("loop_inside"), "no loop was running")

    def test_runs_a_main_thread_function_inside_a_loop(self) -> None:
        self.assertTrue(self.returned("in_loop"))

    def test_calls_an_entry_point(self) -> None:
        self.assertEqual(self.returned("", kind="entrypoint", entrypoint="userapp:add"), 2)

    def test_children_find_an_empty_stdin(self) -> None:
        self.assertEqual(self.returned("empty_stdin"), "")

    def test_says_why_a_payload_cannot_be_decoded(self) -> None:
        message = self.failed(b"cno_such_module\nx\n.")
        self.assertEqual(message["phase"], "load")
        self.assertIn("No module named 'no_such_module' (add it to requirements", message["message"])

    def test_says_which_distribution_has_a_module(self) -> None:
        message = self.failed(b"cyaml\nload\n.")
        self.assertIn("No module named 'yaml' (add pyyaml to requirements)", message["message"])

    def test_says_why_an_entry_point_cannot_be_found(self) -> None:
        message = self.failed(b"", kind="entrypoint", entrypoint="userapp:nothing.run_local")
        self.assertIn("'userapp:nothing.run_local'", message["message"])
        self.assertIn("no attribute 'nothing'", message["message"])

    def test_says_what_is_not_callable(self) -> None:
        self.assertIn("not callable, it is of type int", self.failed(by_name("value"))["message"])

    def test_says_what_cannot_be_pickled(self) -> None:
        message = self.failed(by_name("lock"))
        self.assertEqual(message["phase"], "result")
        self.assertIn("a value of type lock, which cannot be pickled", message["message"])

    def test_says_which_decoder_is_missing(self) -> None:
        self.assertIn("'no_pickle'", self.failed(b"", method="no_pickle")["message"])

    def test_prints_whole_lines_from_python_c_code_and_children(self) -> None:
        runner = self.runner()
        runner.start(by_name("speak"))
        runner.end()
        told = {(line["l"], line["m"]) for line in runner.printed}
        self.assertLessEqual(
            {
                ("stdout", "to stdout"),
                ("stdout", "half"),
                ("stderr", "to stderr"),
                ("stdout", "raw"),
                ("stdout", "from a child"),
            },
            told,
        )

    def test_does_what_libraries_want_done_at_the_end(self) -> None:
        runner = self.runner()
        runner.start(by_name("at_the_end"))
        self.assertEqual(runner.end(), 0)
        self.assertIn("last words", runner.lines())

    def test_ends_although_a_thread_goes_on(self) -> None:
        runner = self.runner()
        runner.start(by_name("leaves_a_thread"))
        self.assertEqual(runner.end(), 0)
        self.assertIn("half a line", runner.lines())

    def test_forks_and_spawns(self) -> None:
        for way in ("forks", "spawns"):
            with self.subTest(way):
                runner = self.runner()
                runner.start(by_name(way))
                self.assertEqual(pickle.loads(runner.result()), [1, 4, 9])
                self.assertEqual(runner.end(), 0)
                self.assertEqual(sorted(runner.lines()), ["squaring 1", "squaring 2", "squaring 3"])

    def test_tells_its_phases_in_order(self) -> None:
        runner = self.runner()
        runner.start(by_name("add"))
        runner.end()
        self.assertEqual(runner.phases(), ["interpreter", "imports", "load"])
        times = [m["t"] for m in runner.heard if "t" in m]
        self.assertEqual(times, sorted(times))

    def test_is_ready_when_a_function_without_a_server_runs(self) -> None:
        runner = self.runner()
        runner.start(by_name("endless"), job=False)
        runner.message("ready")
        runner.line("running")

    def test_dies_by_the_signal_when_stopped(self) -> None:
        runner = self.runner()
        runner.start(by_name("endless"))
        runner.line("running")
        runner.process.terminate()
        self.assertEqual(runner.end(), -15)

    def test_stops_when_told_on_the_control_socket(self) -> None:
        runner = self.runner()
        runner.start(by_name("endless"))
        runner.line("running")
        runner.send({"type": "stop"})
        self.assertEqual(runner.end(), -15)

    def test_ends_with_its_server(self) -> None:
        runner = self.runner()
        runner.start(by_name("endless"))
        runner.line("running")
        runner.close_stdin()
        self.assertEqual(runner.end(), -15)

    def test_a_crash_says_where(self) -> None:
        runner = self.runner()
        runner.start(by_name("crash"))
        self.assertEqual(runner.end(), -6)
        self.assertIn("Fatal Python error: Aborted", runner.lines())
        self.assertTrue(any("in crash" in line for line in runner.lines()))

    def test_processes_that_the_app_starts_find_its_packages(self) -> None:
        self.assertEqual(self.returned("child"), "2\n")

    def test_a_deaf_app_ends_with_its_server_too(self) -> None:
        runner = self.runner()
        runner.start(by_name("deaf"), grace=2)
        runner.line("running")
        runner.close_stdin()
        self.assertEqual(runner.end(), 137)

    def test_a_progress_bar_is_told_line_by_line(self) -> None:
        runner = self.runner()
        runner.start(by_name("progress"))
        runner.end()
        self.assertEqual(runner.lines(), ["10%", "90%"])

    def test_ends_with_its_server_before_it_was_started(self) -> None:
        runner = self.runner()
        runner.message("hello")
        runner.close_stdin()
        self.assertEqual(runner.end(), -15)

    def test_its_own_modules_do_not_hide_the_users(self) -> None:
        runner = self.runner()
        runner.module("loader", "def run():\n    return 'mine'\n")
        runner.start(b"cloader\nrun\n.")
        runner.message("result")
        self.assertEqual(pickle.loads(runner.result()), "mine")

    def test_the_users_packages_win_over_support(self) -> None:
        runner = self.runner()
        runner.module("shared", "def which():\n    return 'user'\n")
        support = runner.work
        with open(support + "/shared.py", "w") as file:
            file.write("def which():\n    return 'support'\n")
        runner.start(b"cshared\nwhich\n.", support=[support])
        runner.message("result")
        self.assertEqual(pickle.loads(runner.result()), "user")


if __name__ == "__main__":
    unittest.main()
