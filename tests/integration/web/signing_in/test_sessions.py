"""Signing in and out in a browser."""

from __future__ import annotations

import re

from bucketlift.service import people, sessions
from visitors import COOKIE

PASSWORD = "four quiet words here"


def typed(client, path, **fields):
    """Load a form, fill it in, send it."""
    form = re.search(r'name="form" value="([^"]+)"', client.get(path).text)
    assert form is not None
    return client.post(path.partition("?")[0], data={"form": form.group(1), **fields})


def test_an_installation_without_people_is_set_up_with_the_token_of_the_console(page, stranger):
    token = people.let_set_up(page.app)

    led = stranger.get("/sign-in")
    done = typed(stranger, f"/set-up?token={token}", token=token, name="ada", password=PASSWORD)

    assert (led.status_code, led.headers["location"]) == (303, "/set-up")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert stranger.get("/").headers["location"] == "/workflows"
    assert people.lets_set_up(page.app, token) is False


def test_signing_out_ends_the_session_on_the_server(page, client):
    token = client.cookies[COOKIE]

    answer = client.post("/sign-out")

    assert answer.headers["location"] == "/sign-in"
    assert sessions.find(page.app, token) is None
