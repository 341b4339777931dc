"""Who asks, and whether they may: the one place where the page lets somebody in."""

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
    """Nobody is known to ask: the sign-in page is next."""


class NotAllowed(RequestWrong):
    """The person is known, and this is not theirs to do."""

    default_hint = "An administrator can give you the role for it, under People."


class Forged(RequestWrong):
    """The request did not come from a page of ours."""

    default_hint = "Load the page anew and try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in and may make it."""

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
    """Under TLS the browser itself sees to it that no other site or path can set the cookie (RFC 6265bis)."""
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
            raise NotAllowed(f"Your role, {session.user.role}, does not include this", to=request.url.path)
        request.state.session = session
        return Visit(app=app, session=session)

    return visit


def check_origin(request: Request) -> None:
    """Browsers tell where a request that changes something comes from; where they do, it must be from here.

    Raises:
        Forged: it is from elsewhere.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin != installation(request).public_url and _elsewhere(request, origin):
        raise Forged("The request comes from another site", to=origin)
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forged("The request comes from another site", to=request.url.path)


def _elsewhere(request: Request, origin: str) -> bool:
    return urlsplit(origin).netloc != request.headers.get("host")


async def _check_csrf(request: Request, token: str) -> None:
    told = request.headers.get(CSRF_HEADER)
    if told is None:
        told = str((await _form(request)).get(CSRF_FIELD, ""))
    if not sessions.is_csrf(token, told):
        await request.close()
        raise Forged("The form is from another session", to=request.url.path)


async def _posted(request: Request) -> AsyncIterator[FormData]:
    yield await _form(request)
    await request.close()


async def _form(request: Request) -> FormData:
    """A sample may have thousands of columns, and each has inputs of its own."""
    return await request.form(max_files=1, max_fields=MOST_FIELDS)


Seeing = Annotated[Visit, Depends(_visit(Right.SEE))]
SeeingCells = Annotated[Visit, Depends(_visit(Right.SEE_CELLS))]
Running = Annotated[Visit, Depends(_visit(Right.RUN))]
Editing = Annotated[Visit, Depends(_visit(Right.EDIT))]
Administering = Annotated[Visit, Depends(_visit(Right.ADMINISTER))]
"""What a route's first parameter says is what it takes to be let in: a route without one is refused by a test."""

Posted = Annotated[FormData, Depends(_posted)]
"""For forms whose fields are not known beforehand."""
