"""The warm parent, without a sandbox: what it imports, what it refuses, what forks get anew.

How forks are shut in is tried where sandboxes are made, in the tests of the server.
"""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import unittest

from harness import MAIN, PATIENCE, SOURCE

sys.path.insert(0, SOURCE)
from mews_runner import fresh, loader  # noqa: E402


class ParentCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="mp", dir="/tmp")
        self.packages = os.path.join(self.folder, "packages")
        os.mkdir(self.packages)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(os.path.join(self.folder, "control.sock"))
        self.listener.listen(1)
        self.listener.settimeout(PATIENCE)

    def module(self, name, text):
        with open(os.path.join(self.packages, name + ".py"), "w") as file:
            file.write(text)

    def outcome(self, modules, env=None):
        """What it says first after its hello."""
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-S", MAIN, "parent"],
            stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "MEWS_RUNNER_DIR": self.folder},
        )
        self.addCleanup(self.end)
        control, _ = self.listener.accept()
        self.addCleanup(control.close)
        control.settimeout(PATIENCE)
        order = {"type": "warm", "env": env or {}, "paths": [self.packages], "support": [], "modules": modules}
        control.sendall(json.dumps(order).encode() + b"\n")
        with control.makefile("rb") as lines:
            return next(m for m in map(json.loads, lines) if m["type"] != "hello")

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.listener.close()


class ParentTest(ParentCase):
    def test_is_ready_when_it_has_imported_what_it_can(self):
        mark = os.path.join(self.folder, "mark")
        self.module("marks", "import os\nopen(os.environ['MARK'], 'w').close()\n")
        self.module("broken", "raise SystemExit(3)\n")
        self.assertEqual(self.outcome(["missing", "broken", "marks"], {"MARK": mark})["type"], "ready")
        self.assertTrue(os.path.exists(mark))
        self.assertTrue(os.path.exists(os.path.join(self.folder, "parent.sock")))

    def test_refuses_to_be_forked_with_a_thread(self):
        self.module("threads", "import threading\nthreading.Thread(target=threading.Event().wait, name='mine', daemon=True).start()\n")
        said = self.outcome(["threads"])
        self.assertEqual((said["type"], said["message"]), ("failed", "an import started a thread (mine)"))

    def test_refuses_to_be_forked_with_a_socket(self):
        self.module("dials", "import socket\nheld = socket.socket()\n")
        said = self.outcome(["dials"])
        self.assertEqual((said["type"], said["message"]), ("failed", "an import left a socket open"))

    def test_leaves_when_told_to(self):
        self.outcome([])
        order = json.dumps({"type": "leave"}).encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.connect(os.path.join(self.folder, "parent.sock"))
            door.sendall(len(order).to_bytes(4, sys.byteorder) + order)
        self.assertEqual(self.process.wait(PATIENCE), 0)


APP = """
import mmap, os, random, socket, subprocess, sys, threading

class App:
    def __init__(self, *, _allow_init=False):
        pass

    def collect_routes(self):
        return {}

    @classmethod
    def run_local(cls):
        return cls().made

    def setup(self):
        print("said by setup in", os.environ["FAL_RUNNER_STATE"], os.getcwd())
        os.write(1, b"said below Python\\n")
        print("said aloud", file=sys.stderr)
        self.made = self.hold()

class Sound(App):
    def hold(self):
        return 42

class Waits(App):
    async def setup(self):
        import asyncio
        await asyncio.sleep(0)
        self.made = 43

class Socket(App):
    def hold(self):
        return socket.socket()

class Thread(App):
    def hold(self):
        threading.Thread(target=threading.Event().wait, name="mine", daemon=True).start()

class Device(App):
    def hold(self):
        return open("/dev/ptmx", "rb", buffering=0)

class Process(App):
    def hold(self):
        return subprocess.Popen(["/bin/sleep", "3"])

class Shared(App):
    def hold(self):
        return mmap.mmap(-1, 4096)

class Writes(App):
    def hold(self):
        return open("/tmp/%d" % os.getpid(), "w")

class Raises(App):
    def hold(self):
        raise OSError("no route to the weights")

class Hangs(App):
    def hold(self):
        threading.Event().wait()

def plain():
    pass
"""


class SnapshotTest(ParentCase):
    """What a parent of a revision says that was asked to run `setup()`."""

    def said(self, symbol, patience=PATIENCE):
        self.module("ahead", APP)
        self.assertEqual(self.outcome([])["type"], "ready")
        branch = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(branch.close)
        branch.bind(os.path.join(self.folder, "b1.sock"))
        branch.listen(1)
        branch.settimeout(PATIENCE)
        self.order("parent.sock", {"type": "branch", "control": "b1.sock", "listen": "p1.sock"})
        control, _ = branch.accept()
        self.addCleanup(control.close)
        control.settimeout(PATIENCE)
        wish = {"type": "warm", "kind": "entrypoint", "entrypoint": symbol, "set_up": patience}
        control.sendall(json.dumps(wish).encode() + b"\n")
        self.addCleanup(self.leave)
        messages = {}
        with control.makefile("rb") as lines:
            for message in map(json.loads, lines):
                messages[message["type"]] = message
                if message["type"] in ("ready", "failed"):
                    break
        return messages

    def order(self, name, order):
        text = json.dumps(order).encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.connect(os.path.join(self.folder, name))
            door.sendall(len(text).to_bytes(4, sys.byteorder) + text)

    def leave(self):
        """The branch is nobody's child here."""
        if os.path.exists(os.path.join(self.folder, "p1.sock")):
            self.order("p1.sock", {"type": "leave"})

    def test_it_ran_once_and_its_lines_are_told(self):
        said = self.said("ahead:Sound.run_local")
        self.assertIn("ready", said)
        lines = said["set_up"]["lines"]
        labelled = [json.loads(line[1:]) for line in lines if line.startswith("\x1e")]
        self.assertEqual([each["l"] for each in labelled], ["stdout", "stderr"])
        self.assertTrue(labelled[0]["m"].startswith("said by setup in SETUP /"), labelled)
        self.assertIn("said below Python", lines)

    def test_a_coroutine_may_set_it_up(self):
        self.assertIn("ready", self.said("ahead:Waits.run_local"))

    def test_what_forks_cannot_inherit_is_refused(self):
        for name, reason in (
            ("Socket", "setup() left a socket open"),
            ("Thread", "setup() started a thread (mine)"),
            ("Device", "setup() left a device open (/dev/"),
            ("Process", "setup() left another process running"),
            ("Shared", "setup() made memory that its forks would share"),
            ("Writes", "setup() left a file open for writing"),
            ("Raises", "setup() raised OSError: no route to the weights; a warm parent has no network"),
        ):
            with self.subTest(name):
                said = self.said("ahead:%s.run_local" % name)
                self.assertEqual((said["failed"]["phase"], said["failed"]["message"][: len(reason)]), ("setup", reason))
                self.end()
                self.setUp()

    def test_only_apps_in_a_class_can_be(self):
        self.assertIn("no app in a class", self.said("ahead:plain")["failed"]["message"])

    def test_one_that_takes_too_long_is_given_up(self):
        self.assertNotIn("ready", self.said("ahead:Hangs.run_local", 0.2))


class FreshTest(unittest.TestCase):
    def test_two_of_the_same_state_differ(self):
        state = random.getstate()
        fresh.renew()
        one = random.random()
        random.setstate(state)
        fresh.renew()
        self.assertNotEqual(one, random.random())

    def test_only_modules_of_the_environment_are_learnt(self):
        known = loader.imported([], [])
        self.assertIn("json", known)
        self.assertNotIn("__main__", known)
        self.assertFalse([name for name in known if name.startswith("mews_runner")])
        self.assertNotIn("json", loader.imported([], ["json"]))


if __name__ == "__main__":
    unittest.main()
