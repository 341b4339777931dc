"""Limits for the size of requests. Reading stops when a limit is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bucketlift.errors import RequestWrong

ORDINARY = 1_000_000
"""Maximum bytes of a form without a file."""
_MARK = "_takes_bytes"

Route = TypeVar("Route", bound=Callable[..., object])
Respond = Callable[[Request, Exception], Response]


class TooLarge(RequestWrong):
    """The request is larger than the limit of its route."""


def accepts_bytes(largest: int) -> Callable[[Route], Route]:
    """Raise the size limit of a route, for an uploaded file.

    In the route's parameters, ``Posted`` must come after the visit. Form parameters are not used, because
    FastAPI would read them before the sign-in is checked.
    """

    def mark(route: Route) -> Route:
        setattr(route, _MARK, largest)
        return route

    return mark


def largest_of(endpoint: object) -> int:
    found: int = getattr(endpoint, _MARK, ORDINARY)
    return found


class BodyLimit:
    """Answers 413 as soon as the body, or its Content-Length, is larger than the route's limit."""

    def __init__(self, app: ASGIApp, respond: Respond) -> None:
        self._app = app
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive, send)
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if body.too_large is None:
                raise
        if body.too_large is not None and not body.answered:
            await self._respond(Request(scope), body.too_large)(scope, receive, send)


class _Body:
    """The body of one request. If the body is too large, the answer of the route is replaced by an error."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._read = 0
        self.too_large: TooLarge | None = None
        self.answered = False

    async def receive(self) -> Message:
        self._require(_content_length(self._scope))
        message = await self._receive()
        self._read += len(message.get("body", b""))
        self._require(self._read)
        return message

    async def send(self, message: Message) -> None:
        if self.too_large is None:
            self.answered = True
            await self._send(message)

    def _require(self, size: int) -> None:
        # The route is known here, because routing comes before reading.
        largest = largest_of(self._scope.get("endpoint"))
        if size > largest:
            self.too_large = TooLarge(
                "The request is too large",
                to=str(self._scope["path"]),
                hint=f"Send at most {largest:,} bytes.",
            )
            raise self.too_large


def _content_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
