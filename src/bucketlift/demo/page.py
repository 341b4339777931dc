"""Serves the page with the demo's data, a worker and the scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from secrets import token_urlsafe

from fastapi import FastAPI

from bucketlift.api.health import health_app
from bucketlift.api.listening import listening
from bucketlift.bootstrap import open_app
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.model.user import Role, User
from bucketlift.model.worker import WorkerKind
from bucketlift.service.core.app import App
from bucketlift.service.ops.serving import serving
from bucketlift.service.people import people, sessions
from bucketlift.settings import Settings
from bucketlift.web.app import add_page

HOST = "127.0.0.1"
DEFAULT_PORT = 8484
PERSON = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    address: str
    sign_in: str
    """A one-time link for the demo's administrator."""
    name: str = PERSON
    password: str | None
    """The password with which the administrator can sign in again. None: they chose their own."""


@contextmanager
def page(settings: Settings) -> Iterator[Page]:
    """Serve the page in the same way as ``bucketlift serve``, until the block ends."""
    with open_app(settings) as app, serving(app, WorkerKind.SERVE) as here, ExitStack() as stack:
        server = health_app(here)
        add_page(server, app, hosts=())
        address = _listening(stack, server)
        person = _person(app)
        password = _password(app, person)
        token = sessions.invite(app, person, asks_password=False)
        yield Page(address=f"{address}/", sign_in=f"{address}/sign-in/link?token={token}", password=password)


def _listening(stack: ExitStack, server: FastAPI) -> str:
    """Listen on the default port. If it is in use, listen on a free port. Returns the address."""
    try:
        return stack.enter_context(listening(server, HOST, DEFAULT_PORT))
    except RequestWrong:
        return stack.enter_context(listening(server, HOST, 0))


def _person(app: App) -> User:
    try:
        return people.named(app, PERSON)
    except NotFound:
        return people.add(app, PERSON, Role.ADMINISTRATOR, by="the demo")


def _password(app: App, person: User) -> str | None:
    """A password for the administrator, so that the one-time link is not the only way in. The next demo in this
    home keeps it. None if the administrator has chosen another one.
    """
    file = app.home / "demo" / "password"
    known = file.read_text() if file.exists() else ""
    if known and people.is_password(app, person, known):
        return known
    if people.has_password(app, person):
        return None
    password = token_urlsafe(12)
    people.set_password(app, person, password, by="the demo")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(password)
    return password
