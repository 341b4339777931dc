"""How much a browser may send: nothing is read beyond it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bucketlift.errors import RequestWrong

ORDINARY = 1_000_000
"""Bytes of a form."""
_MARK = "_takes_bytes"

Route = TypeVar("Route", bound=Callable[..., object])
Tell = Callable[[Request, Exception], Response]


class TooLarge(RequestWrong):
    """More was sent than the address takes."""


def takes(largest: int) -> Callable[[Route], Route]:
    """Let a route be sent more bytes than a form has, for a file.

    Such a route takes ``Posted`` behind its visit: parameters of its own would be read before anybody is known.
    """

    def mark(route: Route) -> Route:
        setattr(route, _MARK, largest)
        return route

    return mark


def largest_of(endpoint: object) -> int:
    found: int = getattr(endpoint, _MARK, ORDINARY)
    return found


class Bounded:
    """Answers 413 as soon as more arrives than the route takes; what it says of its own length counts too."""

    def __init__(self, app: ASGIApp, tell: Tell) -> None:
        self._app = app
        self._tell = tell

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
            await self._tell(Request(scope), body.too_large)(scope, receive, send)


class _Body:
    """What arrives of one request. Once it is too large, only the answer that says so is sent."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._read = 0
        self.too_large: TooLarge | None = None
        self.answered = False

    async def receive(self) -> Message:
        self._require(_said(self._scope))
        message = await self._receive()
        self._read += len(message.get("body", b""))
        self._require(self._read)
        return message

    async def send(self, message: Message) -> None:
        if self.too_large is None:
            self.answered = True
            await self._send(message)

    def _require(self, octets: int) -> None:
        # Which route it is, is known by now: routing comes before reading.
        largest = largest_of(self._scope.get("endpoint"))
        if octets > largest:
            self.too_large = TooLarge(
                "More was sent than this address takes",
                to=str(self._scope["path"]),
                hint=f"At most {largest:,} bytes.",
            )
            raise self.too_large


def _said(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
