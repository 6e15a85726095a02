import http.server
import os


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = ("cuda %s, a token of %s" % (os.environ["CUDA"], open("/srv/length").read().strip())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class MyApp:
    @staticmethod
    def run_local():
        http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
