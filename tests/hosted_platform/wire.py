"""Requests and answers of the double."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    parts: tuple[str, ...]
    """The parts of the path, decoded."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(400, "BODY", "the body is not JSON") from None


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int = 200
    result: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return json.dumps(
            {"result": self.result, "meta": {"httpStatus": "200 - OK", "requestId": "r-1"}}
        ).encode()


class Refused(Exception):
    """A request that the platform refuses."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}

    def reply(self) -> Reply:
        error = {"errorCode": self.code, "errorMessage": self.message}
        meta = {"httpStatus": str(self.status), "requestId": "r-1", "error": error}
        return Reply(status=self.status, headers=self.headers, raw=json.dumps({"meta": meta}).encode())


class Answers(Protocol):
    def answer(self, request: Request) -> Reply | None: ...


def handler_of(platform: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = urlsplit(self.path)
            request = Request(
                method=self.command,
                parts=tuple(unquote(each) for each in url.path.strip("/").split("/")),
                query={
                    name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()
                },
                headers=dict(self.headers.items()),
                body=body,
            )
            reply = platform.answer(request)
            self.close_connection = True
            if reply is None:
                self.connection.shutdown(2)
                return
            content = reply.content()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _do  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Tests read the history instead."""

    return Handler
