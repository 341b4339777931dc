"""How a browser's session begins and ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.model.user import Role
from bucketlift.service.people import people, sessions
from integration.web.signing_in.forms import PASSWORD, signed_in
from visitors import COOKIE, ORIGIN


def is_let_in(client):
    return client.get("/me").status_code == 200


def test_signing_in_leads_to_the_page_that_was_wanted(stranger, ada):
    led = stranger.get("/people")
    answer = signed_in(stranger, "ADA@example.com", next=led.headers["location"].partition("=")[2])

    assert led.headers["location"] == "/sign-in?next=%2Fpeople"
    assert (answer.status_code, is_let_in(stranger)) == (303, True)


@pytest.mark.parametrize(
    ("headers", "place"),
    [
        (
            {"referer": f"{ORIGIN}/workflows/a/tasks/new/table?after=files&form=abcdefgh"},
            "%2Fworkflows%2Fa%2Ftasks%2Fnew%2Ftable%3Fafter%3Dfiles%26form%3Dabcdefgh",
        ),
        ({"referer": "https://evil.example/people"}, "%2F"),
        ({}, "%2F"),
    ],
)
def test_a_form_that_is_sent_without_a_session_leads_back_to_its_page(stranger, ada, headers, place):
    answer = stranger.post("/workflows/-new", data={"kind": "event"}, headers=headers)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={place}")


def test_a_part_of_a_page_that_is_asked_for_without_a_session_does_not_lead_away_from_the_page(stranger, ada):
    answers = [
        stranger.request(how, at, headers={"HX-Request": "true"})
        for how, at in (("GET", "/me/session"), ("POST", "/workflows/-new"))
    ]

    assert [(each.status_code, each.headers.get("HX-Redirect"), each.text) for each in answers] == [
        (401, None, "")
    ] * 2


def test_a_token_that_was_put_into_the_browser_is_not_taken_up(page, stranger, ada):
    put = {"cookie": f"{COOKIE}=put-there-by-somebody-else"}
    shown = stranger.get("/sign-in", headers=put)
    answer = signed_in(stranger, ada.name)

    assert "put-there" not in shown.headers["set-cookie"] + answer.headers["set-cookie"]
    assert sessions.find(page.app, "put-there-by-somebody-else") is None


def test_signing_in_again_ends_the_former_session(page, stranger, ada):
    signed_in(stranger, ada.name)
    former = stranger.cookies[COOKIE]
    signed_in(stranger, ada.name)

    assert stranger.cookies[COOKIE] != former
    assert sessions.find(page.app, former) is None


def test_the_cookie_is_for_this_server_and_no_script(stranger, ada):
    told = signed_in(stranger, ada.name).headers["set-cookie"]

    assert told.startswith(f"{COOKIE}=")
    assert told.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax"


def test_under_tls_no_other_site_can_set_the_cookie(page, ada):
    safe = page.stranger()
    safe.base_url = safe.base_url.copy_with(scheme="https")
    told = signed_in(safe, ada.name).headers["set-cookie"]

    assert told.startswith("__Host-bucketlift=")
    assert told.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax; Secure"
    assert is_let_in(safe)


def test_signing_out_ends_the_session_on_the_server(page, client):
    token = client.cookies[COOKIE]

    answer = client.post("/sign-out")

    assert answer.headers["location"] == "/sign-in"
    assert sessions.find(page.app, token) is None


def test_a_browser_that_is_not_used_is_signed_out(page, client, clock):
    for _ in range(20):
        clock.move(timedelta(hours=11))
        assert is_let_in(client)

    clock.move(timedelta(hours=12))

    assert is_let_in(client) is False


def test_a_browser_that_is_used_is_signed_out_in_the_end(page, client, clock):
    for _ in range(27):
        clock.move(timedelta(hours=12) - timedelta(minutes=1))
        assert is_let_in(client)

    clock.move(timedelta(hours=12))

    assert is_let_in(client) is False


def disabled(app, user):
    people.disable(app, user, by="a test")


def demoted(app, user):
    people.change_role(app, user, Role.VIEWER, by="a test")


def given_a_password(app, user):
    people.set_password(app, user, "another four quiet words", by="a test")


@pytest.mark.parametrize("change", [disabled, demoted, given_a_password])
def test_what_changes_a_person_ends_their_sessions(page, as_editor, change):
    page.person(Role.ADMINISTRATOR)
    assert is_let_in(as_editor)

    change(page.app, page.person(Role.EDITOR))

    assert is_let_in(as_editor) is False


def test_other_browsers_are_signed_out_and_this_one_stays(page):
    here, elsewhere = page.browser(Role.EDITOR), page.browser(Role.EDITOR)

    here.post("/me/sign-out-others")

    assert (is_let_in(here), is_let_in(elsewhere)) == (True, False)


def test_a_new_password_needs_the_old_one_and_signs_out_other_browsers(page, stranger, ada):
    signed_in(stranger, ada.name)
    elsewhere = page.browser(Role.ADMINISTRATOR, ada.name)
    token = stranger.cookies[COOKIE]
    session = sessions.find(page.app, token)
    assert session is not None
    new = {"new": "another four quiet words", "csrf": session.csrf}

    wrong = stranger.post("/me/password", data={"old": "a wrong guess of it", **new})
    right = stranger.post("/me/password", data={"old": PASSWORD, **new})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "The current password is wrong" in wrong.text
    assert (is_let_in(stranger), is_let_in(elsewhere), stranger.cookies[COOKIE] == token) == (
        True,
        False,
        False,
    )


def test_the_ledger_knows_no_token(page, client):
    token = client.cookies[COOKIE]

    kept = (page.app.home / "ledger.sqlite").read_bytes() + (page.app.home / "ledger.sqlite-wal").read_bytes()

    assert token.encode() not in kept
    assert client.headers["X-CSRF-Token"].encode() not in kept
