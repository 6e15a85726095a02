"""Code that runs on an image's own Python."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


def told():
    import cloudpickle

    return {
        "python": sys.executable,
        "version": "%d.%d" % sys.version_info[:2],
        "uid": os.getuid(),
        "cwd": os.getcwd(),
        "home": os.environ["HOME"],
        "mine": os.environ.get("MINE"),
        "job": os.environ.get("FAL_JOB_ID"),
        "pickler": cloudpickle.__file__,
        "app": os.path.exists("/app"),
    }


class Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.dumps(told()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve():
    HTTPServer(("0.0.0.0", 8080), Answers).serve_forever()
