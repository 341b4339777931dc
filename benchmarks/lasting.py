"""A WSGI server that keeps connections, as S3 does: whoever measures a client must not measure its connecting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

Application = Callable[[dict[str, Any], Callable[[str, list[tuple[str, str]]], Any]], Iterable[bytes]]


class LastingServer(ThreadingHTTPServer):
    """Listens on loopback until its process ends. Each connection has a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, application: Application) -> None:
        self.application = application
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True, name="s3double").start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: LastingServer

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        for piece in self.server.application(self._environ(), self._begin):
            self.wfile.write(piece)
        self.wfile.flush()

    def _environ(self) -> dict[str, Any]:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        length = int(self.headers.get("content-length") or 0)
        return {
            **headers,
            "REQUEST_METHOD": self.command,
            "RAW_URI": self.path,
            "CONTENT_LENGTH": str(length),
            "CONTENT_TYPE": self.headers.get("content-type", ""),
            # Read here to its end: what is left of a body would be taken for the next request.
            "wsgi.input": BytesIO(self.rfile.read(length)),
        }

    def _begin(self, status: str, headers: list[tuple[str, str]]) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response_only(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
