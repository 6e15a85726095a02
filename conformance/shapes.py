"""Apps of further shapes: with code and files that travel along, uploads, servers of their own."""

import fal
import neighbour
from fal.toolkit import File, Image
from fastapi import WebSocket
from pydantic import BaseModel


class Word(BaseModel):
    word: str = ""


class Companions(fal.App, keep_alive=60):
    local_python_modules = ["neighbour"]
    app_files = ["words/list.txt"]

    @fal.endpoint("/")
    def read(self) -> dict:
        with open("words/list.txt") as file:
            return {"module": neighbour.NAME, "file": file.read().strip()}

    @fal.endpoint("/ws", is_websocket=True)
    async def talk(self, socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("you said " + await socket.receive_text())
        await socket.close()

    @fal.endpoint("/stream")
    def stream(self):
        from fastapi.responses import StreamingResponse

        return StreamingResponse((f'data: {{"n": {n}}}\n\n' for n in range(3)), media_type="text/event-stream")


class Upload(fal.App, keep_alive=60):
    requirements = ["pillow==11.3.0"]

    @fal.endpoint("/")
    def draw(self) -> dict:
        import PIL.Image

        drawn = PIL.Image.new("RGB", (3, 2), "red")
        links = {"default": Image.from_pil(drawn).url}
        for repository in ("fal", "fal_v2", "fal_v3", "cdn"):
            links[repository] = Image.from_pil(drawn, repository=repository).url
        links["text"] = File.from_bytes(b"kept", file_name="note.txt").url
        return links


@fal.function(serve=True, keep_alive=30)
def shout(word: Word):
    return {"said": word.word.upper()}


@fal.function(exposed_port=8000, keep_alive=30)
def own_server():
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"by": "a server of its own"}')

    HTTPServer(("", 8000), Answer).serve_forever()
