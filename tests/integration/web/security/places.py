"""Where a page shows what somebody wrote. Each place puts a text in and says what then is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote
from uuid import uuid4

from bucketlift.model.user import Role, User
from bucketlift.service.people import sessions
from bucketlift.service.people.tokens import hashed
from integration.web.security import extract_places
from visitors import Page

Place = Callable[[Page, str], str]


def _person(page: Page, text: str) -> User:
    """By the ledger itself, which takes more than the page does."""
    user = replace(page.person(Role.VIEWER), id=uuid4().hex, name=f"{text}{uuid4().hex}")
    page.app.ledger.people.add(user)
    return user


def name_in_a_list(page: Page, text: str) -> str:
    user = _person(page, text)
    shown = page.browser(Role.ADMINISTRATOR).get("/people").text
    return shown.partition(user.id)[2].partition("</tr>")[0]


def name_as_a_heading(page: Page, text: str) -> str:
    user = _person(page, text)
    return page.browser(Role.ADMINISTRATOR).get(f"/people/{user.id}").text


def name_beside_a_link(page: Page, text: str) -> str:
    user = _person(page, text)
    return page.browser(Role.ADMINISTRATOR).post(f"/people/{user.id}/link").text


def name_on_the_page_of_a_link(page: Page, text: str) -> str:
    token = sessions.invite(page.app, _person(page, text))
    return page.stranger().get(f"/sign-in/link?token={token}").text


def name_in_the_menu(page: Page, text: str) -> str:
    return _signed_in(page, _person(page, text), "a test")


def browser_in_a_list(page: Page, text: str) -> str:
    return _signed_in(page, _person(page, ""), text)


def _signed_in(page: Page, user: User, browser: str) -> str:
    client = page.stranger()
    client.cookies.set("bucketlift", sessions.begin(page.app, user, "127.0.0.1", browser))
    return client.get("/me").text


def name_typed_at_sign_in(page: Page, text: str) -> str:
    # Whoever must wait sees the same form, and no password is looked at, which would take most of the time.
    while not page.app.ledger.sign_in_attempts.count(
        {hashed("address testclient"): sessions.OF_AN_ADDRESS}, page.app.now()
    ):
        pass
    return _sent(page, "/sign-in", name=text, password="wrong")


def onward_at_sign_in(page: Page, text: str) -> str:
    return page.stranger().get(f"/sign-in?next={quote(text)}").text


def role_that_is_none(page: Page, text: str) -> str:
    return page.browser(Role.ADMINISTRATOR).post("/people/add", data={"name": "ada", "role": f"x{text}"}).text


def address_that_is_none(page: Page, text: str) -> str:
    return page.browser(Role.VIEWER).get(f"/x{quote(text, safe='')}").text


def part_of_a_page(page: Page, text: str) -> str:
    """An error that htmx puts into a page."""
    data = {"name": "ada", "role": f"x{text}"}
    return (
        page.browser(Role.ADMINISTRATOR).post("/people/add", data=data, headers={"HX-Request": "true"}).text
    )


def _sent(page: Page, path: str, **fields: str) -> str:
    stranger = page.stranger()
    form = stranger.get(path).text.partition('name="form" value="')[2].partition('"')[0]
    return stranger.post(path, data={"form": form, **fields}).text


PLACES: tuple[Place, ...] = (
    name_in_a_list,
    name_as_a_heading,
    name_beside_a_link,
    name_on_the_page_of_a_link,
    name_in_the_menu,
    browser_in_a_list,
    name_typed_at_sign_in,
    onward_at_sign_in,
    role_that_is_none,
    address_that_is_none,
    part_of_a_page,
    *extract_places.PLACES,
)
"""Whoever shows a text that somebody else wrote adds the place here."""
