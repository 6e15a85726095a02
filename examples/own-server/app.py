import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fal

PORT = 8000


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer({"path": self.path, "method": "GET"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer({"path": self.path, "method": "POST", "body": body.decode()})

    def answer(self, content):
        text = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@fal.function(exposed_port=PORT, keep_alive=60)
def serve():
    print(f"listening on {PORT}")
    ThreadingHTTPServer(("", PORT), Echo).serve_forever()
