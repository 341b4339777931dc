"""Every address of a server, asked of its router, and plain requests to it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getclosurevars
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from bucketlift.model.user import Right

NOBODY = "nothing-has-this-name"
_PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, kw_only=True)
class Address:
    method: str
    path: str
    right: Right | None
    """What the route asks for; None where it lets in whoever asks."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def example(self) -> str:
        """A path of this shape that names nothing."""
        return _PARAMETER.sub(NOBODY, self.path)


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def addresses(server: FastAPI) -> Iterator[Address]:
    """Every route and method. Mounted folders have no routes."""
    for route in iter_route_contexts(server.routes):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Address(
                method=method, path=str(route.path), right=_right(getattr(route, "dependant", None))
            )


def _right(dependant: Dependant | None) -> Right | None:
    if dependant is None:
        return None
    for each in dependant.dependencies:
        known = getclosurevars(each.call).nonlocals if each.call and hasattr(each.call, "__code__") else {}
        found = known.get("right") or _right(each)
        if isinstance(found, Right):
            return found
    return None


def raw(
    server: FastAPI, target: str, *, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer:
    """Send a request line as it stands: clients would tidy up the path before."""
    path, _, query = target.partition("?")
    told = {"host": "localhost"} | (headers or {})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in told.items()],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(server(scope, receive, send))
    start, *rest = sent
    return Answer(
        status=start["status"],
        headers={name.decode(): value.decode() for name, value in start["headers"]},
        text=b"".join(each.get("body", b"") for each in rest).decode(),
    )
