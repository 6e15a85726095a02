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


class ParentTest(unittest.TestCase):
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
