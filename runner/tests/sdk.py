"""Where tests find fal's SDK and the packages that its apps need: made once below ~/.cache from the
package index. MEWS_TEST_FAL may name an interpreter that has the SDK."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from typing import List

VERSION = "1.83.0"
HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.expanduser("~/.cache/mews-tests")

# What decodes payloads, laid behind the packages of every app.
SUPPORT = [
    "cloudpickle==3.1.2",
    "isolate==0.26.12",
    "grpcio==1.85.1",
    "platformdirs==4.14.5 ; python_version >= '3.11'",
    "platformdirs==4.12.4 ; python_version == '3.10'",
    "protobuf==7.36.2",
    "tblib==3.1.0",
    "typing-extensions==4.16.0",
]

UNREACHABLE = ("connection", "resolution", "timed out", "proxy")


@functools.lru_cache(maxsize=None)
def python() -> str:
    """An interpreter that has the SDK; skips the test if there is no way to get it."""
    given = os.environ.get("MEWS_TEST_FAL")
    if given:
        return given
    if sys.version_info < (3, 10):
        raise unittest.SkipTest("fal's SDK needs Python 3.10")
    folder = os.path.join(CACHE, "fal-%s-py%d.%d" % (VERSION, sys.version_info[0], sys.version_info[1]))
    interpreter = os.path.join(folder, "bin", "python")
    if not os.path.exists(os.path.join(folder, "complete")):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        _pip(interpreter, ["fal==" + VERSION])
        open(os.path.join(folder, "complete"), "w").close()
    return interpreter


@functools.lru_cache(maxsize=None)
def base_python() -> str:
    """The interpreter without the virtual environment around it, as runners are started."""
    return os.path.realpath(python())


@functools.lru_cache(maxsize=None)
def packages() -> List[str]:
    """The SDK and all it needs, as in the environment of an entry point app."""
    return [_ask("import sysconfig; print(sysconfig.get_path('purelib'))")]


def app_packages(*more: str) -> List[str]:
    """What the SDK adds to the requirements of a pickled app, which is not the SDK itself."""
    injected = json.loads(_ask("import json, fal.api.api as api; print(json.dumps(api.SERVE_REQUIREMENTS))"))
    pinned = {requirement.partition("=")[0] for requirement in more}
    return [_folder("app", [one for one in injected if one not in pinned] + list(more))]


def support() -> List[str]:
    return [_folder("support", SUPPORT)]


@functools.lru_cache(maxsize=None)
def pickled(symbol: str, file: str = "hello.py") -> bytes:
    """An app as the SDK sends it."""
    out = tempfile.NamedTemporaryFile(suffix=".pickle")
    subprocess.run(
        [python(), os.path.join(HERE, "pickle_app.py"), os.path.join(HERE, "apps", file), symbol, out.name],
        check=True,
        env={**os.environ, "FAL_GRPC_HOST": "127.0.0.1:1", "FAL_KEY": "a:b"},
    )
    with out:
        return out.read()


@functools.lru_cache(maxsize=None)
def _ask(code: str) -> str:
    return subprocess.check_output([python(), "-c", code], text=True).strip()


def _folder(name: str, requirements: List[str]) -> str:
    content = repr((_ask("import sys; print(sys.version)"), requirements))
    key = "%s-%s" % (name, hashlib.sha256(content.encode()).hexdigest()[:12])
    made = os.path.join(CACHE, key)
    if not os.path.isdir(made):
        os.makedirs(CACHE, exist_ok=True)
        unfinished = tempfile.mkdtemp(prefix=key + ".", dir=CACHE)
        try:
            _pip(python(), ["--target", unfinished, *requirements])
            os.rename(unfinished, made)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return made


def _pip(interpreter: str, arguments: List[str]) -> None:
    command = [interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return
    if any(word in done.stderr.lower() for word in UNREACHABLE):
        raise unittest.SkipTest("no package index gives what fal's SDK needs; set MEWS_TEST_FAL")
    raise AssertionError(done.stderr)
