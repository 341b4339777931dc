"""The page's routes, put together."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bucketlift.errors import BucketliftError, NotFound, RequestWrong
from bucketlift.service.app import App
from bucketlift.web import home, signing_in
from bucketlift.web.render import STATIC, go, is_part, render
from bucketlift.web.visit import NotAllowed, NotSignedIn

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def add_page(server: FastAPI, app: App) -> None:
    """Let the server answer with the page."""
    server.state.installation = app
    server.mount("/static", _Static(directory=STATIC), name="static")
    for router in (signing_in.router, home.router):
        server.include_router(router)
    server.add_exception_handler(NotSignedIn, _to_sign_in)
    server.add_exception_handler(BucketliftError, _tell)
    server.add_middleware(GZipMiddleware, minimum_size=1000)
    server.add_middleware(_Guarded)


class _Static(StaticFiles):
    """Addresses carry a hash of the content."""

    def file_response(self, *args: object, **named: object) -> Response:
        answer = super().file_response(*args, **named)  # type: ignore[arg-type] # as Starlette calls it
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


class _Guarded:
    """Sets the headers that tell a browser what a page of ours may do; pages are not kept by anybody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = {name.lower() for name, _ in message["headers"]}
                wanted = HEADERS | {"Cache-Control": "no-store"}
                extra = [(name.lower().encode(), value.encode()) for name, value in wanted.items()]
                message["headers"] = [*message["headers"], *(each for each in extra if each[0] not in told)]
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)


def _to_sign_in(request: Request, _: Exception) -> Response:
    wanted = request.url.path if request.method == "GET" and not is_part(request) else "/"
    return go(request, f"/sign-in?next={quote(wanted, safe='')}")


def _tell(request: Request, error: Exception) -> HTMLResponse:
    """What happened, to what, and what to do: as a page, or as a part that goes above the page."""
    assert isinstance(error, BucketliftError)  # noqa: S101 - it is registered for these
    answer = render(
        request, "part_error.html" if is_part(request) else "error.html", status=_status(error), error=error
    )
    if is_part(request):
        answer.headers["HX-Retarget"] = "#alerts"
        answer.headers["HX-Reswap"] = "innerHTML show:window:top"
    return answer


def _status(error: BucketliftError) -> int:
    match error:
        case NotAllowed():
            return 403
        case NotFound():
            return 404
        case RequestWrong():
            return 422
        case _:
            return 503
