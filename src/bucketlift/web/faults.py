"""Answers for unknown addresses, unreadable requests and internal errors."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bucketlift.errors import BucketliftError, NotFound, OurFault, RequestWrong, places_of
from bucketlift.logs import log


class Unreadable(RequestWrong):
    """The request has another form than those that the page sends."""

    default_hint = "Go back, reload the page and try again."


def as_error(request: Request, error: Exception) -> BucketliftError:
    """The framework's error as an error of Bucketlift. It never contains what the client sent."""
    path = request.url.path
    match error:
        case HTTPException(status_code=404):
            return NotFound(
                "Page not found", to=path, hint="The page may have been deleted. Check the address."
            )
        case RequestValidationError():
            fields = ", ".join(sorted({str(each["loc"][-1]) for each in error.errors()}))
            return Unreadable("The request cannot be read", to=fields or path)
        case _:
            return Unreadable("The request cannot be read", to=path)


class CatchErrors:
    """Answers an unexpected exception with an error page. The exception's message may contain a cell, so it
    is neither shown nor logged.
    """

    def __init__(self, app: ASGIApp, respond: Callable[[Request, Exception], Response]) -> None:
        self._app = app
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - its message may contain a cell
            log.error(
                "request failed", path=scope.get("path"), error=type(error).__name__, places=places_of(error)
            )
            fault = OurFault("Internal error", to=scope["path"], hint="Report it with the lines of the log.")
            if started or scope["type"] != "http":
                raise fault from None
            await self._respond(Request(scope), fault)(scope, receive, send)
