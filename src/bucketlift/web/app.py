"""Adds the page's routes, middleware and error pages to the server."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import BucketliftError, NotFound, OurFault, RequestWrong
from bucketlift.service.core.app import App
from bucketlift.service.editor.page_words import on_page_error
from bucketlift.service.people import passwords, sessions
from bucketlift.web import (
    attention,
    directory,
    extensions,
    files,
    home,
    keys,
    maintenance,
    me,
    people,
    runs,
    secrets,
    signing_in,
    tables,
    workflows,
)
from bucketlift.web.accounts import connecting
from bucketlift.web.accounts import routes as accounts
from bucketlift.web.destinations import routes as destinations
from bucketlift.web.extract import routes as extract
from bucketlift.web.extract import sample_routes
from bucketlift.web.faults import CatchErrors, as_error
from bucketlift.web.hosts import AllowedHosts, WrongHost
from bucketlift.web.limits import BodyLimit, TooLarge
from bucketlift.web.loading import condition, loads, transform
from bucketlift.web.render import STATIC, go, is_part, render
from bucketlift.web.visit import Forged, NotAllowed, NotSignedIn, cookie_name

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def add_page(server: FastAPI, app: App, *, hosts: Collection[str] | None = None) -> None:
    """Add the page to the server. ``hosts``: the accepted host names in addition to loopback; None accepts
    every name.
    """
    server.state.installation = app
    server.mount("/static", _Static(directory=STATIC), name="static")
    for router in (
        signing_in.router,
        me.router,
        people.router,
        connecting.router,
        accounts.router,
        extract.router,
        sample_routes.router,
        keys.router,
        secrets.router,
        maintenance.router,
        extensions.router,
        *loads.ROUTERS,
        condition.router,
        transform.router,
        tables.router,
        destinations.router,
        directory.router,
        runs.router,
        files.router,
        attention.router,
        home.router,
        workflows.router,
    ):
        server.include_router(router)
    server.add_exception_handler(NotSignedIn, _to_sign_in)
    server.add_exception_handler(BucketliftError, _error_response)
    for wrong in (HTTPException, RequestValidationError):
        server.add_exception_handler(wrong, _error_response)
    # The last middleware added is the first to see a request.
    server.add_middleware(GZipMiddleware, minimum_size=1000)
    server.add_middleware(BodyLimit, respond=_error_response)
    if hosts is not None:
        server.add_middleware(AllowedHosts, names=hosts, respond=_error_response)
    server.add_middleware(CatchErrors, respond=_error_response)
    server.add_middleware(_SecurityHeaders)
    passwords.warm()


class _Static(StaticFiles):
    """Serves static files. Browsers may cache them forever, because their URLs contain a hash of the content."""

    def file_response(self, *args: object, **named: object) -> Response:
        answer = super().file_response(*args, **named)  # type: ignore[arg-type] # as Starlette calls it
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


class _SecurityHeaders:
    """Adds security headers to every answer. The answer must not be cached, unless it already has a caching
    rule.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                headers = HEADERS | {"Cache-Control": "no-store"}
                extra = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
                message["headers"] = [
                    *message["headers"],
                    *(each for each in extra if each[0] not in present),
                ]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _to_sign_in(request: Request, _: Exception) -> Response:
    """Send the browser to the sign-in page, and from there back to the page on which the user was. A part of a
    page is not answered: the page keeps what was typed, and shows a link (`sending.js`).
    """
    if is_part(request):
        return Response(status_code=401)
    return go(request, f"/sign-in?next={quote(_page_of(request), safe='')}")


def _page_of(request: Request) -> str:
    """The path of the page that made the request, with its query."""
    if request.method == "GET":
        url = urlsplit(str(request.url))
    else:
        url = urlsplit(request.headers.get("referer", ""))
        if url.netloc != request.headers.get("host"):
            return "/"
    return url.path + (f"?{url.query}" if url.query else "")


def _error_response(request: Request, error: Exception) -> HTMLResponse:
    """Render an error: as a page, or, if htmx made the request, as an alert at the top of the current page."""
    code = error.status_code if isinstance(error, HTTPException) else None
    if not isinstance(error, BucketliftError):
        error = as_error(request, error)
    if isinstance(error, DefinitionWrong):
        error = on_page_error(error)
    if not is_part(request) and not isinstance(error, WrongHost):
        _find_session(request)
    answer = _rendered(request, error, code or _status(error))
    if is_part(request):
        answer.headers["HX-Retarget"] = "#alerts"
        answer.headers["HX-Reswap"] = "innerHTML show:window:top"
    return answer


def _rendered(request: Request, error: BucketliftError, status: int) -> HTMLResponse:
    template = "part_error.html" if is_part(request) else "error.html"
    try:
        return render(request, template, status=status, error=error)
    except Exception:  # noqa: BLE001 - the menu counts in the ledger, whose failure may be the error
        request.state.session = None
        return render(request, template, status=status, error=error)


def _find_session(request: Request) -> None:
    """Find the session of a request that ended before its visit was checked, so that the error page has the
    menu.
    """
    token = request.cookies.get(cookie_name(request))
    if token and getattr(request.state, "session", None) is None:
        with suppress(Exception):  # without a ledger there is no menu
            request.state.session = sessions.find(request.app.state.installation, token)


def _status(error: BucketliftError) -> int:
    match error:
        case NotAllowed() | Forged():
            return 403
        case NotFound():
            return 404
        case TooLarge():
            return 413
        case WrongHost():
            return 421
        case OurFault():
            return 500
        case RequestWrong():
            return 422
        case _:
            return 503
