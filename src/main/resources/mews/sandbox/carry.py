"""Carries what is typed to a command, and what it says, in frames: see enter.py."""

import fcntl
import json
import os
import select
import signal
import struct
import termios
import time

END_OF_TRANSMISSION = b"\x04"
LAST_WORDS = 0.3
PIECE = 32 * 1024
MOST_PENDING = 256 * 1024


class Carrier:
    def __init__(self, ours, streams, pid, terminal):
        self._ours = ours
        self._pid = pid
        self._terminal = terminal
        self._writer = streams[0] if terminal else streams[1]
        self._readers = {streams[0]: b"o"} if terminal else {streams[0]: b"o", streams[2]: b"r"}
        self._pending = b""
        self._no_more = False
        self._ended_at = 0.0
        self._arriving = b""
        os.set_blocking(self._writer, False)

    def run(self):
        gone_at = None
        while self._readers or gone_at is None:
            waiting = [fd for fd in self._readers]
            if gone_at is None:
                waiting.append(self._ours.fileno())
            if len(self._pending) < MOST_PENDING and not self._no_more:
                waiting.append(0)
            writing = [self._writer] if self._pending and self._writer >= 0 else []
            readable, writable, _ = select.select(waiting, writing, [], 1 if gone_at is None else LAST_WORDS)
            if gone_at is not None and not readable:
                return
            for fd in readable:
                if fd == 0:
                    self._take()
                elif fd == self._ours.fileno():
                    gone_at = time.monotonic()
                else:
                    self._pass_on(fd)
            if writable:
                self._write()
            self._end_input()

    def _take(self):
        data = os.read(0, PIECE)
        if not data:
            # The server let go, and with it the one who typed.
            self._kill()
            os._exit(0)
        self._arriving += data
        while len(self._arriving) >= 5:
            length = struct.unpack("!I", self._arriving[1:5])[0]
            if len(self._arriving) < 5 + length:
                return
            kind, content = self._arriving[:1], self._arriving[5 : 5 + length]
            self._arriving = self._arriving[5 + length :]
            if kind == b"d" and self._writer >= 0:
                self._pending += content
            elif kind == b"s" and self._terminal:
                resize(self._writer, *json.loads(content.decode()))
            elif kind == b"e":
                self._no_more = True

    def _write(self):
        try:
            self._pending = self._pending[os.write(self._writer, self._pending[:PIECE]) :]
        except BlockingIOError:
            pass
        except OSError:
            self._pending = b""  # nobody reads it any more
            if not self._terminal:
                self._close_writer()

    def _end_input(self):
        if not self._no_more or self._pending or self._writer < 0:
            return
        if not self._terminal:
            self._close_writer()
        elif time.monotonic() - self._ended_at > 1:
            # Again and again, for a program that is just taking over the terminal misses it.
            self._ended_at = time.monotonic()
            self._pending = END_OF_TRANSMISSION

    def _close_writer(self):
        os.close(self._writer)
        self._writer = -1

    def _pass_on(self, fd):
        try:
            data = os.read(fd, PIECE)
        except BlockingIOError:
            return
        except OSError:  # how a terminal tells that nobody has it open any more
            data = b""
        if data:
            say(self._readers[fd], data)
        else:
            del self._readers[fd]

    def _kill(self):
        for number in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.killpg(self._pid, number)
            except OSError:
                return


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def next_frame():
    head = exactly(5)
    return head[:1], exactly(struct.unpack("!I", head[1:])[0])


def exactly(length):
    data = b""
    while len(data) < length:
        more = os.read(0, length - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def say(kind, content):
    data = kind + struct.pack("!I", len(content)) + content
    while data:
        data = data[os.write(1, data) :]
