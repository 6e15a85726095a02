"""Where tests find fal's SDK: an interpreter whose packages have it, in MEWS_TEST_FAL, else one that
is made once below ~/.cache from the package index."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import unittest
from typing import List

VERSION = "1.83.0"
HERE = os.path.dirname(os.path.abspath(__file__))


@functools.lru_cache(maxsize=None)
def python() -> str:
    given = os.environ.get("MEWS_TEST_FAL")
    if given:
        return given
    if sys.version_info < (3, 9):
        raise unittest.SkipTest("fal's SDK needs Python 3.9")
    name = "fal-%s-py%d.%d" % (VERSION, sys.version_info[0], sys.version_info[1])
    folder = os.path.join(os.path.expanduser("~/.cache/mews-tests"), name)
    interpreter = os.path.join(folder, "bin", "python")
    if not os.path.exists(os.path.join(folder, "complete")):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        command = [interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        made = subprocess.run(command + ["fal==" + VERSION, "fastapi", "uvicorn", "starlette-exporter"])
        if made.returncode != 0:
            raise unittest.SkipTest("fal's SDK could not be installed; set MEWS_TEST_FAL")
        open(os.path.join(folder, "complete"), "w").close()
    return interpreter


@functools.lru_cache(maxsize=None)
def base_python() -> str:
    """The interpreter without the virtual environment around it, as runners are started."""
    return os.path.realpath(python())


@functools.lru_cache(maxsize=None)
def packages() -> List[str]:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return [subprocess.check_output([python(), "-c", code], text=True).strip()]


@functools.lru_cache(maxsize=None)
def packages_without_fal() -> List[str]:
    """The same packages but for the SDK itself, as in the environment of a pickled app."""
    folder = tempfile.mkdtemp(prefix="nofal")
    for name in os.listdir(packages()[0]):
        if name not in ("fal", "isolate", "isolate_proto", "__pycache__") and not name.startswith("fal-"):
            os.symlink(os.path.join(packages()[0], name), os.path.join(folder, name))
    return [folder]


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
