"""One command in a pseudo-terminal, as a person runs it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

# Colours, cursor movements and titles.
CONTROLS = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9])")


class Ended:
    """What a command said and how it ended; `code` is None if it had to be killed."""

    def __init__(self, words, code, text, seconds):
        self.words, self.code, self.text, self.seconds = words, code, text, seconds

    def expect(self, *patterns, code=0):
        if self.code != code:
            raise AssertionError(f"ended with {self.code} and not {code}: {self.tail()}")
        for pattern in patterns:
            if not re.search(pattern, self.text, re.DOTALL | re.MULTILINE):
                raise AssertionError(f"did not say {pattern!r}: {self.tail()}")
        return self

    def expect_none(self, pattern):
        if re.search(pattern, self.text):
            raise AssertionError(f"said {pattern!r}: {self.tail()}")
        return self

    def tail(self):
        return " | ".join(line.strip() for line in self.text.splitlines() if line.strip())[-700:]


def run(words, environment, folder, patience=120, until=None, then=signal.SIGINT, typed=()):
    """Runs a command. If `until` is said, `then` is sent, as by Ctrl-C.

    :param typed: pairs: once the first is said, the second is typed; or called with what was said, if it is a function
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 220, 0, 0))
    began = time.monotonic()
    child = subprocess.Popen(
        words,
        env=environment | {"TERM": "xterm", "COLUMNS": "220"},
        cwd=folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    os.close(follower)
    said, waiting, typed = b"", until, list(typed)
    try:
        while time.monotonic() - began < patience:
            if select.select([leader], [], [], 0.2)[0]:
                try:
                    piece = os.read(leader, 65536)
                except OSError:  # the last process let go of the terminal
                    break
                if not piece:
                    break
                said += piece
            elif child.poll() is not None:
                break
            if typed and re.search(typed[0][0], text(said)):
                answer = typed.pop(0)[1]
                os.write(leader, answer.encode()) if isinstance(answer, str) else answer(text(said))
            if waiting and re.search(waiting, text(said)):
                waiting = None
                os.killpg(child.pid, then)
        code = child.wait(max(1, patience - (time.monotonic() - began)))
    except subprocess.TimeoutExpired:
        code = None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        os.close(leader)
    return Ended(words, code, text(said), time.monotonic() - began)


def text(said):
    return CONTROLS.sub("", said.decode("utf-8", "replace")).replace("\r\n", "\n")
