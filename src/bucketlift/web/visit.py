"""Checks who makes a request and what this user may do. Every route uses these checks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bucketlift.errors import RequestWrong
from bucketlift.model.user import Right, Session, User
from bucketlift.service.core.app import App
from bucketlift.service.people import sessions

SAFE = frozenset({"GET", "HEAD"})
MOST_FIELDS = 20_000
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"


class NotSignedIn(Exception):
    """No user is signed in, so the sign-in page is shown."""


class NotAllowed(RequestWrong):
    """The user's role does not include this right."""

    default_hint = "Ask an administrator to change your role under People."


class Forged(RequestWrong):
    """The request did not come from our own page."""

    default_hint = "Reload the page and try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of a signed-in user who has the required right."""

    app: App
    session: Session

    @property
    def user(self) -> User:
        return self.session.user


def installation(request: Request) -> App:
    app: App = request.app.state.installation
    return app


Here = Annotated[App, Depends(installation)]


def cookie_name(request: Request) -> str:
    """The name of the session cookie. With TLS, the name starts with ``__Host-``, so that other hosts and
    paths cannot set the cookie (RFC 6265bis).
    """
    return "__Host-bucketlift" if request.url.scheme == "https" else "bucketlift"


def _visit(right: Right) -> Callable[[Request, App], Coroutine[Any, Any, Visit]]:
    async def visit(request: Request, app: Here) -> Visit:
        token = request.cookies.get(cookie_name(request))
        session = await run_in_threadpool(sessions.find, app, token) if token else None
        if token is None or session is None:
            raise NotSignedIn
        if request.method not in SAFE:
            check_origin(request)
            await _check_csrf(request, token)
        if not session.user.may(right):
            raise NotAllowed(f"Your role ({session.user.role}) does not allow this", to=request.url.path)
        request.state.session = session
        return Visit(app=app, session=session)

    return visit


def check_origin(request: Request) -> None:
    """Check the Origin and Sec-Fetch-Site headers, if the browser sent them.

    Raises:
        Forged: the request comes from another site.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin != installation(request).public_url and _is_foreign(request, origin):
        raise Forged("The request comes from another site", to=origin)
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forged("The request comes from another site", to=request.url.path)


def _is_foreign(request: Request, origin: str) -> bool:
    return urlsplit(origin).netloc != request.headers.get("host")


async def _check_csrf(request: Request, token: str) -> None:
    sent = request.headers.get(CSRF_HEADER)
    if sent is None:
        sent = str((await _form(request)).get(CSRF_FIELD, ""))
    if not sessions.is_csrf(token, sent):
        await request.close()
        raise Forged("The form belongs to another session", to=request.url.path)


async def _posted(request: Request) -> AsyncIterator[FormData]:
    yield await _form(request)
    await request.close()


async def _form(request: Request) -> FormData:
    """Read a form with many inputs. A sample may have thousands of columns, each with its own inputs."""
    return await request.form(max_files=1, max_fields=MOST_FIELDS)


Seeing = Annotated[Visit, Depends(_visit(Right.SEE))]
SeeingCells = Annotated[Visit, Depends(_visit(Right.SEE_CELLS))]
Running = Annotated[Visit, Depends(_visit(Right.RUN))]
Editing = Annotated[Visit, Depends(_visit(Right.EDIT))]
Administering = Annotated[Visit, Depends(_visit(Right.ADMINISTER))]
"""The type of a route's first parameter. It names the right that the route requires, and a test checks that
every route has one.
"""

Posted = Annotated[FormData, Depends(_posted)]
"""The submitted form, for routes whose form has no fixed inputs."""
