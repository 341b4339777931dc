"""Listens on loopback, and answers each request in a separate thread."""

from __future__ import annotations

import threading
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

POLL_SECONDS = 0.02
"""Maximum number of seconds that ``stop()`` waits for the thread that listens."""


class _QuietHandler(WSGIRequestHandler):
    def send_response(self, code: int, message: str | None = None) -> None:
        """Send only the status line, because the answer already has a Date header."""
        self.send_response_only(code, message)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Print nothing, because ``S3Server.log`` has the requests."""


class Listener:
    def __init__(self, application: Any, port: int) -> None:
        self._http = make_server("127.0.0.1", port, application, threaded=True, request_handler=_QuietHandler)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(POLL_SECONDS,), daemon=True, name="s3server"
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
