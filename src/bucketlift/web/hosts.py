"""Under which names the page answers: a foreign site cannot pass itself off as ours by its DNS."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bucketlift.errors import RequestWrong

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WATCHED = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked by programs that know an address only; nothing there is secret or can be changed."""


class WrongHost(RequestWrong):
    """The request is for another name than ours."""

    default_hint = (
        "Open the address that `bucketlift serve` prints, or set BUCKETLIFT_PUBLIC_URL to this one."
    )


class Hosts:
    def __init__(
        self, app: ASGIApp, names: Collection[str], tell: Callable[[Request, Exception], Response]
    ) -> None:
        self._app = app
        self._names = LOOPBACK | {each.lower() for each in names}
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in WATCHED:
            request = Request(scope)
            name = _name(request.headers.get("host", ""))
            if name not in self._names:
                error = WrongHost("The page does not answer under this name", to=name)
                await self._tell(request, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name(host: str) -> str:
    """Without the port (RFC 9110, 7.2)."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
