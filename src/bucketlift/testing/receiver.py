"""A strict HTTP receiver of rows for tests. It keeps a history of requests, and can fail in every way that a
client must survive.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID


class Fault(Enum):
    """What goes wrong with one request to the test receiver."""

    LOSE_REQUEST = auto()
    """The connection breaks before the rows take effect."""
    LOSE_ANSWER = auto()
    """The rows take effect, and then the connection breaks."""
    ERROR_BEFORE = auto()
    """The answer is 500, and the rows do not take effect."""
    ERROR_AFTER = auto()
    """The answer is 500, although the rows take effect."""
    BUSY = auto()
    """The answer is 429 with the header ``Retry-After: 0``, and the rows do not take effect."""
    BUSY_FOR_AN_HOUR = auto()
    UNAVAILABLE = auto()
    """The answer is 503 with the header ``Retry-After: 0``, and the rows do not take effect."""
    FORBIDDEN = auto()
    REFUSE_ALL = auto()
    """The answer is 422, which refuses all rows of the request."""
    REDIRECT = auto()
    NO_ANSWER = auto()
    """The rows take effect, and the receiver stays silent until the client gives up."""
    BROKEN_JSON = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request that the test receiver got, and whether its rows took effect."""

    key: str
    load: str
    chunk: int
    rows: tuple[dict[str, Any], ...]
    effective: bool


Refuse = Callable[[Mapping[str, Any]], str | None]
"""A function that returns the message with which the receiver refuses a row; None if the receiver takes the
row.
"""


def take_all(row: Mapping[str, Any]) -> str | None:  # noqa: ARG001 - the shape of every such rule
    return None


@dataclass(kw_only=True)
class Receiver:
    """An HTTP receiver that takes rows at ``url`` until ``stop`` is called."""

    token: str = ""
    """The bearer token that requests must contain; empty if no token is required."""
    honours_keys: bool = True
    """Whether a repeated Idempotency-Key has no effect and gets the same answer as the first request."""
    refuse: Refuse = take_all
    breaks: Callable[[Mapping[str, Any]], bool] = lambda row: False  # noqa: ARG005 - the shape of every such rule
    """Whether a request with this row is answered with 500 and has no effect, each time."""
    faults: deque[Fault | None] = field(default_factory=deque)
    """The faults of the next requests, in order; None for a request without a fault."""
    always: Fault | None = None
    """The fault of every request after ``faults`` is used up."""
    on_request: Callable[[int], None] = lambda number: None  # noqa: ARG005 - the shape of every such hook
    """A function that is called with the number of requests so far, after the rows of a request took effect
    and before the answer.
    """
    history: list[Posted] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """The problems of requests that a strict receiver refuses."""
    _answers: dict[str, bytes] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self._stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/rows"

    def stop(self) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """All rows that took effect, in order. A row that took effect twice is included twice."""
        return [row for posted in self.history if posted.effective for row in posted.rows]

    @property
    def chunks(self) -> list[int]:
        """The numbers of the chunks that took effect, in order."""
        return [posted.chunk for posted in self.history if posted.effective]

    def received(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        """Process a request. Returns the status, headers and body of the answer; None if the connection
        breaks instead.
        """
        fault = self._fault()
        if fault in _WITHOUT_EFFECT:
            return _WITHOUT_EFFECT[fault]
        wrong = self._wrong(headers, body)
        if wrong is not None:
            self.violations.append(wrong[1])
            return wrong[0], {}, wrong[1].encode()
        rows = json.loads(body)
        if any(self.breaks(row) for row in rows):
            return _WITHOUT_EFFECT[Fault.ERROR_BEFORE]
        answer = self._take(headers, rows)
        self.on_request(len(self.history))
        if fault is Fault.NO_ANSWER:
            self._stopped.wait()
        if fault in (Fault.LOSE_ANSWER, Fault.NO_ANSWER):
            return None
        if fault is Fault.ERROR_AFTER:
            return 500, {}, b"it broke"
        if fault is Fault.BROKEN_JSON:
            return 200, {"Content-Type": "application/json"}, b'{"refused": ['
        return 200, {"Content-Type": "application/json"}, answer

    def _fault(self) -> Fault | None:
        with self._lock:
            return self.faults.popleft() if self.faults else self.always

    def _wrong(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str] | None:
        if self.token and headers.get("Authorization") != f"Bearer {self.token}":
            return 401, "the token is wrong"
        if headers.get("Content-Type") != "application/json":
            return 415, "the content type is wrong"
        try:
            UUID(headers["Idempotency-Key"])
            int(headers["Bucketlift-Chunk"])
            rows = json.loads(body)
        except (KeyError, ValueError):
            return 400, "a header is missing, or the body is not JSON"
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            return 400, "the body is not a list of objects"
        return None

    def _take(self, headers: Mapping[str, str], rows: Sequence[dict[str, Any]]) -> bytes:
        key = headers["Idempotency-Key"]
        with self._lock:
            known = self._answers.get(key) if self.honours_keys else None
            taken = () if known is not None else tuple(row for row in rows if self.refuse(row) is None)
            self.history.append(
                Posted(
                    key=key,
                    load=headers["Bucketlift-Load"],
                    chunk=int(headers["Bucketlift-Chunk"]),
                    rows=taken,
                    effective=known is None,
                )
            )
            if known is None:
                refused = [
                    {"row": at, "message": message}
                    for at, row in enumerate(rows)
                    if (message := self.refuse(row)) is not None
                ]
                known = self._answers[key] = json.dumps({"refused": refused}).encode()
            return known


_WITHOUT_EFFECT: dict[Fault | None, tuple[int, dict[str, str], bytes] | None] = {
    Fault.LOSE_REQUEST: None,
    Fault.ERROR_BEFORE: (500, {}, b"it broke"),
    Fault.BUSY: (429, {"Retry-After": "0"}, b""),
    Fault.BUSY_FOR_AN_HOUR: (429, {"Retry-After": "3600"}, b""),
    Fault.UNAVAILABLE: (503, {"Retry-After": "0"}, b""),
    Fault.FORBIDDEN: (403, {}, b'{"message": "this token may not post rows"}'),
    Fault.REFUSE_ALL: (422, {}, b'{"message": "no such table"}'),
    Fault.REDIRECT: (307, {"Location": "http://127.0.0.1:1/elsewhere"}, b""),
}


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = receiver.received(dict(self.headers), body)
            self.close_connection = True
            if answer is None:
                self.connection.shutdown(2)
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):  # the client may be dead
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Write no log, because tests read the history instead."""

    return Handler
