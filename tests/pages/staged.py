"""An installation with the demo's data, its page listening on loopback, and browsers signed in to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext

from bucketlift.bootstrap import open_app
from bucketlift.demo.page import PERSON, page
from bucketlift.demo.runner import running
from bucketlift.errors import NotFound
from bucketlift.model.user import Role, User
from bucketlift.service.core.app import App
from bucketlift.service.people import people, sessions
from bucketlift.settings import Settings
from bucketlift.testing.s3server import S3Server
from pages.furniture import deliver_staff, furnish


@dataclass(frozen=True, kw_only=True)
class Staged:
    app: App
    s3: S3Server
    address: str
    """Without a slash at the end."""
    furniture: dict[str, list[str]]

    def person(self, role: Role) -> User:
        """The demo's person is its administrator; others are named like their role."""
        name = PERSON if role is Role.ADMINISTRATOR else role.value
        try:
            return people.named(self.app, name)
        except NotFound:
            return people.add(self.app, name, role, by="a test")

    def sign_in(self, window: BrowserContext, role: Role = Role.ADMINISTRATOR) -> None:
        token = sessions.begin(self.app, self.person(role), "127.0.0.1", "Firefox on Linux")
        window.add_cookies([{"name": "bucketlift", "value": token, "url": self.address}])

    def invitation(self) -> str:
        """The path of a link that somebody signs in with for the first time."""
        invited = self.person(Role.VIEWER)
        return f"/sign-in/link?token={sessions.invite(self.app, invited)}"

    def examples(self) -> dict[str, list[str]]:
        """What stands where the address of a page varies, by the name that its route gives it."""
        files = {(claim.state, claim.reason): claim.id for claim in self.app.ledger.claims.find(limit=100)}
        return self.furniture | {
            "run": [run.id for run in self.app.ledger.runs.find(workflow="surveys", limit=1)],
            "file": list(files.values()),
            "form": ["csv"],
            "key": ["nobody"],
        }


@contextmanager
def staged(home: Path) -> Iterator[Staged]:
    settings = Settings(home=home)
    with running(settings, lambda _: None) as (_, s3), page(settings) as at, open_app(settings) as app:
        deliver_staff(app, s3)
        furniture = furnish(app, people.named(app, PERSON))
        yield Staged(app=app, s3=s3, address=at.address.rstrip("/"), furniture=furniture)
