"""Fetches archives whose URLs are confidential, so that they are in no command line and no cache.

Reads {"timeout", "files": [{"url", "sign_in", "path", "sha256"}]} as JSON from standard input; says for
each file one JSON line: {"ok": true, "sha256", "size"} or {"ok": false, "problem", "detail"}.
"""

import base64
import hashlib
import json
import os
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request

MOST_REDIRECTS = 10
CHUNK = 1 << 20


class Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MOST_REDIRECTS

    def redirect_request(self, request, *rest):
        """Signs in again at the same host only."""
        following = super().redirect_request(request, *rest)
        signed = request.unredirected_hdrs.get("Authorization")
        if following is not None and signed and following.host == request.host:
            following.add_unredirected_header("Authorization", signed)
        return following


class Problem(Exception):
    pass


def fetch(wanted, timeout):
    request = urllib.request.Request(wanted["url"], headers={"User-Agent": "mews"})
    if wanted["sign_in"]:
        signed = base64.b64encode(wanted["sign_in"].encode()).decode()
        request.add_unredirected_header("Authorization", "Basic " + signed)
    content = hashlib.sha256()
    size = 0
    os.makedirs(os.path.dirname(wanted["path"]), exist_ok=True)
    opener = urllib.request.build_opener(Redirects)
    with opener.open(request, timeout=timeout) as answer, open(wanted["path"], "wb") as file:
        expected = answer.headers.get("Content-Length")
        while True:
            chunk = answer.read(CHUNK)
            if not chunk:
                break
            file.write(chunk)
            content.update(chunk)
            size += len(chunk)
    if expected is not None and size != int(expected):
        raise Problem("broken", "%d of %s bytes came" % (size, expected))
    if wanted["sha256"] and content.hexdigest() != wanted["sha256"].lower():
        raise Problem("hash", content.hexdigest())
    return {"ok": True, "sha256": content.hexdigest(), "size": size}


def problem(error):
    if isinstance(error, Problem):
        return error.args
    if isinstance(error, urllib.error.HTTPError):
        if "infinite loop" in str(error.msg):
            return "loop", str(error.code)
        return "status", "%d %s" % (error.code, str(error.msg).splitlines()[0] if error.msg else "")
    reason = getattr(error, "reason", error)
    if isinstance(reason, (socket.timeout, TimeoutError)):
        return "stalled", ""
    return "unreachable", str(reason)


def main():
    orders = json.load(sys.stdin)
    for wanted in orders["files"]:
        try:
            said = fetch(wanted, orders["timeout"])
        except (OSError, ValueError, Problem) as error:
            kind, detail = problem(error)
            said = {"ok": False, "problem": kind, "detail": detail}
        except Exception as error:  # An answer that is no HTTP.
            said = {"ok": False, "problem": "unreachable", "detail": type(error).__name__}
        print(json.dumps(said), flush=True)


main()
