"""The page of an installation, and browsers of people of each role."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from bucketlift.bootstrap import open_app
from bucketlift.errors import NotFound
from bucketlift.model.user import Role, User
from bucketlift.service.core.app import App
from bucketlift.service.people import people, sessions
from bucketlift.settings import Settings
from bucketlift.web.app import add_page

with warnings.catch_warnings():
    # Starlette wants a successor of httpx that is not among our packages yet.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

__all__ = ["COOKIE", "ORIGIN", "Page", "TestClient", "opened"]

ORIGIN = "http://localhost"
COOKIE = "bucketlift"


@dataclass(frozen=True, kw_only=True)
class Page:
    """An installation, and the server that answers for it."""

    app: App
    server: FastAPI

    def person(self, role: Role, name: str | None = None) -> User:
        """Somebody of that role, by default named like it; made where nobody is."""
        if role is not Role.ADMINISTRATOR and not people.is_set_up(self.app):
            self.person(Role.ADMINISTRATOR)
        wanted = name or role.value
        try:
            return people.named(self.app, wanted)
        except NotFound:
            return people.add(self.app, wanted, role, by="a test")

    def stranger(self, **settings: Any) -> TestClient:
        """A browser that nobody signed in with; it follows no redirect, so that a test sees each answer."""
        return TestClient(self.server, base_url=ORIGIN, follow_redirects=False, **settings)

    def browser(self, role: Role, name: str | None = None, **settings: Any) -> TestClient:
        """A browser that somebody of that role signed in with. It sends what pages of ours send along."""
        token = sessions.begin(self.app, self.person(role, name), "127.0.0.1", "a test")
        session = sessions.find(self.app, token)
        assert session is not None
        client = self.stranger(**settings)
        client.cookies.set(COOKIE, token)
        client.headers.update({"Origin": ORIGIN, "X-CSRF-Token": session.csrf})
        return client


@contextmanager
def opened(home: Path, **settings: Any) -> Iterator[Page]:
    """The page of a home. ``settings`` are those of the environment, without BUCKETLIFT_."""
    with open_app(Settings(home=home, **settings)) as app:
        server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        add_page(server, app)
        yield Page(app=app, server=server)
