"""Somebody with a password, and a clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bucketlift.model.user import Role
from bucketlift.service.people import people
from integration.web.signing_in.forms import PASSWORD
from visitors import Page


@dataclass
class MovedClock:
    """Stands until it is moved."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def page(page, clock) -> Page:
    moved = replace(page.app, clock=clock)
    page.server.state.installation = moved
    return Page(app=moved, server=page.server)


@pytest.fixture
def ada(page):
    """An administrator with a password."""
    user = people.add(page.app, "ada@example.com", Role.ADMINISTRATOR, by="a test")
    people.set_password(page.app, user, PASSWORD, by="a test")
    return user
