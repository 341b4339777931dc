"""The double as a server: access, faults and history."""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from hosted_platform.contacts import ContactImports
from hosted_platform.employees import EmployeeImports
from hosted_platform.records import RecordImports
from hosted_platform.responses import ResponseImports
from hosted_platform.wire import Refused, Reply, Request, handler_of

TOKEN = "token-of-a-user"
CLIENT_ID, CLIENT_SECRET = "client-1", "client-secret-1"


class Fault(Enum):
    """What goes wrong with one request that changes something."""

    LOSE_REQUEST = auto()
    """The connection breaks before the request takes effect."""
    LOSE_ANSWER = auto()
    """The request takes effect, and then the connection breaks."""
    ERROR_BEFORE = auto()
    ERROR_AFTER = auto()
    """500 although the request took effect."""
    BUSY = auto()
    """429 with Retry-After: 0."""
    BUSY_FOR_AN_HOUR = auto()
    NOT_JSON = auto()
    """The request takes effect, and the answer is a page of a proxy."""


@dataclass(kw_only=True)
class Platform:
    """Serves its API at ``url`` until ``stop``."""

    contacts: ContactImports = field(default_factory=ContactImports)
    responses: ResponseImports = field(default_factory=ResponseImports)
    employees: EmployeeImports = field(default_factory=EmployeeImports)
    records: RecordImports = field(default_factory=RecordImports)
    may_import: bool = True
    """Whether the user of the token may change anything."""
    faults: deque[Fault | None] = field(default_factory=deque)
    always: Fault | None = None
    access_tokens: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    """The method and path of each call."""
    on_change: Callable[[int], None] = lambda number: None  # noqa: ARG005 - the shape of such hooks
    """Called after the n-th request that changed something, before its answer."""
    changes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Reply | None:
        with self._lock:
            self.calls.append(f"{request.method} /{'/'.join(request.parts)}")
            try:
                return self._answer(request)
            except Refused as error:
                return error.reply()

    def _answer(self, request: Request) -> Reply | None:
        if request.parts == ("oauth2", "token"):
            return self._access_token(request)
        self._require_access(request)
        if request.method == "GET":
            return self._route(request)
        if not self.may_import:
            raise Refused(403, "AUTH_6", "this user may not do this")
        fault = self.faults.popleft() if self.faults else self.always
        if fault in _WITHOUT_EFFECT:
            return _without_effect(fault)
        reply = self._route(request)
        self.changes += 1
        self.on_change(self.changes)
        if fault is Fault.LOSE_ANSWER:
            return None
        if fault is Fault.ERROR_AFTER:
            return Reply(status=500, raw=b"{}")
        return Reply(raw=b"<html>") if fault is Fault.NOT_JSON else reply

    def _route(self, request: Request) -> Reply:
        if request.parts[:2] != ("API", "v3"):
            raise Refused(404, "NF_0", "no such path")
        kinds: dict[str, Any] = {
            "directories": self.contacts,
            "surveys": self.responses,
            "employee-directories": self.employees,
            "ex-projects": self.employees,
            "imported-data-projects": self.records,
        }
        inner = Request(
            method=request.method,
            parts=request.parts[2:],
            query=request.query,
            headers=request.headers,
            body=request.body,
        )
        kind = kinds.get(inner.parts[0])
        if kind is None:
            raise Refused(404, "NF_0", "no such path")
        reply: Reply = kind.answer(inner)
        return reply

    def _require_access(self, request: Request) -> None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.headers.get("X-API-TOKEN") != TOKEN and bearer not in self.access_tokens:
            raise Refused(401, "AUTH_3", f"the token {bearer or request.headers.get('X-API-TOKEN')} is wrong")

    def _access_token(self, request: Request) -> Reply:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = parse_qs(request.body.decode())
        if request.headers.get("Authorization") != f"Basic {basic}" or asked.get("grant_type") != [
            "client_credentials"
        ]:
            return Reply(status=401, raw=b'{"error": "invalid_client"}')
        made = f"access-{len(self.access_tokens) + 1}"
        self.access_tokens.add(made)
        answer = {"access_token": made, "token_type": "Bearer", "expires_in": 3600}
        return Reply(raw=json.dumps(answer).encode())


_WITHOUT_EFFECT = {Fault.LOSE_REQUEST, Fault.ERROR_BEFORE, Fault.BUSY, Fault.BUSY_FOR_AN_HOUR}


def _without_effect(fault: Fault | None) -> Reply | None:
    if fault is Fault.LOSE_REQUEST:
        return None
    if fault is Fault.ERROR_BEFORE:
        return Reply(status=500, raw=b"{}")
    seconds = "0" if fault is Fault.BUSY else "3600"
    raise Refused(429, "RL_0", "too many calls", {"Retry-After": seconds})
