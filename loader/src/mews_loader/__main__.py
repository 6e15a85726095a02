"""Usage: python -E -s -S __main__.py REQUEST RESULT

REQUEST is a JSON file, RESULT is where one JSON document is written: `{"ok": true, …}` or
`{"ok": false, "error": {"kind", "message", …}}`. Whatever the user's file prints goes to stdout and
stderr, which belong to nobody else. The exit code is 0 whenever a document was written.

The request:
    file                 absolute path of the user's file
    symbol               name in it, or null for its only app or function
    tool                 site-packages of the tool environment
    packages             further site-packages of the user, in order
    options              {"host", "environment", "gateway"} of the project file, or null
    host                 host:port of the control plane
    limit_max_requests   or null
"""

from __future__ import annotations

import importlib
import json
import os
import site
import sys
from typing import Any


def importable(request: dict[str, Any]) -> None:
    """The tool's packages first, then the user's. The interpreter was started without `site` and without
    the PYTHON… variables, so that neither can put others before the tool's."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    site.addsitedir(request["tool"])
    for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        if entry and entry not in sys.path:
            sys.path.append(entry)
    for folder in request["packages"]:
        site.addsitedir(folder)
    site.setquit()
    site.sethelper()
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()


def import_own(here: str) -> Any:
    """Our own package, without leaving its folder on the path of the user's code."""
    sys.path.insert(0, os.path.dirname(here))
    try:
        return importlib.import_module("mews_loader.load")
    finally:
        sys.path.remove(os.path.dirname(here))


def write(path: str, document: dict[str, Any]) -> None:
    draft = path + ".part"
    with open(draft, "w", encoding="utf-8") as out:
        json.dump(document, out)
    os.replace(draft, path)


def main(request_path: str, result_path: str) -> None:
    with open(request_path, encoding="utf-8") as source:
        request = json.load(source)
    importable(request)
    load = import_own(os.path.dirname(os.path.abspath(__file__)))
    write(result_path, load.document(request))
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the user's file must not keep a finished loader alive.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
