"""What lets somebody in is written, and never read, by the page."""

from __future__ import annotations

import pytest

from addresses import addresses
from bucketlift.model.user import Role
from bucketlift.service.people import people, sessions
from visitors import COOKIE

CANARY = "canary-f3a1c0de-no-page-says-this"


def every_page(page, client):
    """The text of all that can be read without naming anything."""
    plain = [each.path for each in addresses(page.server) if each.method == "GET" and "{" not in each.path]
    watched = ("/health", "/metrics")
    return {path: client.get(path).text for path in plain if not path.startswith(watched)}


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_no_page_tells_a_secret(served, role):
    app = served.app
    app.vault.put("canary", CANARY, now=app.now())
    known = served.person(Role.ADMINISTRATOR)
    people.set_password(app, known, CANARY, by="a test")
    link = sessions.invite(app, served.person(Role.VIEWER))
    browser = served.browser(role)

    pages = every_page(served, browser)

    kept = app.ledger.people.get(known.id).password
    assert kept is not None
    secrets = (CANARY, kept, "$argon2", link, browser.cookies[COOKIE])
    assert [(path, secret) for path, text in pages.items() for secret in secrets if secret in text] == []


def test_the_log_of_signing_in_tells_no_secret(page, stranger, capsys):
    user = page.person(Role.ADMINISTRATOR)
    people.set_password(page.app, user, CANARY, by="a test")
    form = stranger.get("/sign-in").text.partition('name="form" value="')[2].partition('"')[0]

    for name, password in ((user.name, CANARY), (CANARY, CANARY), (user.name, f"{CANARY}!")):
        stranger.post("/sign-in", data={"form": form, "name": name, "password": password})
    token = sessions.invite(page.app, user)

    said = "".join(capsys.readouterr())
    assert "sign-in failed" in said
    assert [each for each in (CANARY, token, form, stranger.cookies[COOKIE]) if each in said] == []
