"""Answers that no route gave: addresses that are none, requests that cannot be read, defects of ours."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bucketlift.errors import BucketliftError, NotFound, OurFault, RequestWrong, places_of
from bucketlift.logs import log


class Unreadable(RequestWrong):
    """It is not a request that a page of ours makes."""

    default_hint = "Go back, load the page anew and try again."


def as_error(request: Request, error: Exception) -> BucketliftError:
    """What the framework found, as people are told it. Never what was sent."""
    path = request.url.path
    match error:
        case HTTPException(status_code=404):
            return NotFound("There is no such page", to=path, hint="It may have been deleted, or mistyped.")
        case RequestValidationError():
            fields = ", ".join(sorted({str(each["loc"][-1]) for each in error.errors()}))
            return Unreadable("The request cannot be read", to=fields or path)
        case _:
            return Unreadable("The request cannot be read", to=path)


class Caught:
    """A defect is answered like any other error; its own words may hold a cell, so they are not told or logged."""

    def __init__(self, app: ASGIApp, tell: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - nothing above may tell its words
            # Its own words may hold a cell.
            log.error(
                "request failed", path=scope.get("path"), error=type(error).__name__, places=places_of(error)
            )
            fault = OurFault(
                "Bucketlift broke off", to=scope["path"], hint="Please report it with the lines of the log."
            )
            if begun or scope["type"] != "http":
                raise fault from None
            await self._tell(Request(scope), fault)(scope, receive, send)
