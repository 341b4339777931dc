"""Accepts requests only for known host names, as a protection against DNS rebinding."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bucketlift.errors import RequestWrong

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WATCHED = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Addresses for monitoring, which may be requested with an IP address as the host. They show no secrets and
change nothing.
"""


class WrongHost(RequestWrong):
    """The host in the request is not one of the accepted names."""

    default_hint = "Open the address that `bucketlift serve` prints, or set BUCKETLIFT_PUBLIC_URL to the address that you opened."


class AllowedHosts:
    def __init__(
        self, app: ASGIApp, names: Collection[str], respond: Callable[[Request, Exception], Response]
    ) -> None:
        self._app = app
        self._names = LOOPBACK | {each.lower() for each in names}
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in WATCHED:
            request = Request(scope)
            name = _name(request.headers.get("host", ""))
            if name not in self._names:
                error = WrongHost("This host name is not allowed", to=name)
                await self._respond(request, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name(host: str) -> str:
    """The host's name without its port (RFC 9110, 7.2)."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
