"""Setting up, and links that let somebody in once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.user import Role
from bucketlift.service.people import people, sessions
from integration.web.signing_in.forms import PASSWORD, signed_in, typed


def test_an_installation_without_people_is_set_up_with_the_token_of_the_console(page, stranger):
    token = people.new_set_up_token(page.app)

    led = stranger.get("/sign-in")
    done = typed(stranger, f"/set-up?token={token}", token=token, name="ada", password=PASSWORD)

    assert (led.status_code, led.headers["location"]) == (303, "/set-up")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert [(each.name, each.role) for each in people.list_people(page.app)] == [("ada", Role.ADMINISTRATOR)]
    assert stranger.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"token": "guessed"}, "This set-up link is no longer valid"),
        ({"name": ""}, "The name is empty, or longer than 254 characters"),
        ({"name": "two words"}, "The name contains a space"),
        ({"password": "short"}, "The password is too short"),
        ({"password": "ada@example.com"}, "The password is the name"),
        ({"password": "a" * 20}, "one repeated character"),
    ],
    ids=str,
)
def test_what_cannot_be_set_up_says_so_and_keeps_the_token(page, stranger, fields, said):
    token = people.new_set_up_token(page.app)
    good = {"token": token, "name": "ada@example.com", "password": PASSWORD}

    answer = typed(stranger, "/set-up", **(good | fields))

    assert (answer.status_code, said in answer.text) == (422, True)
    assert (people.is_set_up(page.app), people.is_set_up_token(page.app, token)) == (False, True)


def test_there_is_no_default_password(page, stranger):
    for name in ("admin", "administrator", "bucketlift", "root"):
        with pytest.raises(RequestWrong):
            sessions.sign_in(page.app, name, name, "192.0.2.1")

    assert people.list_people(page.app) == []


def test_only_the_newest_set_up_token_is_good_and_none_after_the_set_up(page):
    former, newest = people.new_set_up_token(page.app), people.new_set_up_token(page.app)
    assert people.is_set_up_token(page.app, former) is False
    people.set_up(page.app, newest, "ada", PASSWORD)

    with pytest.raises(RequestWrong, match="no longer valid"):
        people.set_up(page.app, newest, "eve", PASSWORD)
    with pytest.raises(RequestWrong, match="no longer valid"):
        people.set_up(page.app, people.new_set_up_token(page.app), "eve", PASSWORD)


def test_an_installation_that_is_set_up_shows_no_set_up(stranger, ada):
    assert stranger.get("/set-up").headers["location"] == "/sign-in"


def test_a_link_is_used_up_by_its_button_and_not_by_being_looked_at(page, stranger, ada):
    ben = people.add(page.app, "ben", Role.EDITOR, by="a test")
    link = f"/sign-in/link?token={(token := sessions.invite(page.app, ben))}"

    looked = [stranger.get(link).status_code for _ in range(3)]
    short = typed(stranger, link, token=token, password="short")
    used = typed(stranger, link, token=token, password=PASSWORD)
    again = page.stranger().get(link)

    assert looked == [200, 200, 200]
    assert (short.status_code, used.status_code, again.status_code) == (422, 303, 422)
    assert signed_in(page.stranger(), "ben").headers["location"] == "/"


def test_a_link_may_let_in_without_a_password(page, stranger, ada):
    token = sessions.invite(page.app, ada, asks_password=False)

    answer = typed(stranger, f"/sign-in/link?token={token}", token=token)

    assert answer.status_code == 303
    assert people.is_password(page.app, ada, PASSWORD)


def test_a_used_link_leads_a_browser_that_it_signed_in_to_the_page(page, stranger, ada):
    token = sessions.invite(page.app, ada, asks_password=False)
    typed(stranger, f"/sign-in/link?token={token}", token=token)

    again = stranger.get(f"/sign-in/link?token={token}")
    elsewhere = page.stranger().get(f"/sign-in/link?token={token}")

    assert (again.status_code, again.headers.get("location")) == (303, "/")
    assert (elsewhere.status_code, "no longer valid" in elsewhere.text) == (422, True)


@pytest.mark.parametrize("ending", ["time", "another", "disabled", "password"])
def test_a_link_ends(page, ada, clock, ending):
    ben = people.add(page.app, "ben", Role.EDITOR, by="a test")
    token = sessions.invite(page.app, ben)
    match ending:
        case "time":
            clock.move(timedelta(days=3))
        case "another":
            sessions.invite(page.app, ben)
        case "disabled":
            people.disable(page.app, ben, by="a test")
        case _:
            people.set_password(page.app, ben, PASSWORD, by="a test")

    with pytest.raises(sessions.LinkOver):
        sessions.accept(page.app, token, PASSWORD, "192.0.2.1")
