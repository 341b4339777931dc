"""Nothing is changed for a page that is not ours."""

from __future__ import annotations

import pytest

from addresses import addresses
from bucketlift.model.user import Role
from bucketlift.service.people import sessions
from visitors import COOKIE, ORIGIN


def changing(page):
    found = [each for each in addresses(page.server) if each.method != "GET" and each.right is not None]
    assert len(found) > 5
    return found


def test_reading_is_all_that_get_does(served):
    assert {each.method for each in addresses(served.server)} <= {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "guessed"},
        {"X-CSRF-Token": "ä".encode()},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{ORIGIN}.evil.example"},
        {"Origin": f"{ORIGIN}:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_forged_request_is_refused_on_every_route(served, headers):
    browser = served.browser(Role.ADMINISTRATOR)
    token = browser.cookies[COOKIE]

    for each in changing(served):
        answer = browser.request(each.method, each.example, headers=headers)

        assert (str(each), answer.status_code) == (str(each), 403)
    assert sessions.find(served.app, token) is not None


def test_a_token_of_another_session_is_refused(served):
    mine, theirs = served.browser(Role.ADMINISTRATOR), served.browser(Role.ADMINISTRATOR, "other")

    answer = mine.post("/sign-out", headers={"X-CSRF-Token": theirs.headers["X-CSRF-Token"]})

    assert answer.status_code == 403


def test_each_answer_tells_another_token_and_all_of_them_are_good(served):
    browser = served.browser(Role.VIEWER)
    pages = [browser.get("/me").text for _ in range(2)]
    told = [each.partition('name="csrf" value="')[2].partition('"')[0] for each in pages]

    answers = [browser.post("/me/sign-out-others", headers={"X-CSRF-Token": each}) for each in told]

    assert len({*told, ""}) == 3
    assert [each.status_code for each in answers] == [303, 303]


def test_the_hidden_field_of_a_form_does_as_well(served):
    browser = served.browser(Role.VIEWER, "without scripts".replace(" ", "-"))
    token = browser.headers.pop("X-CSRF-Token")

    answer = browser.post("/sign-out", data={"csrf": token})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/link", "/set-up"])
def test_a_form_of_somebody_unknown_needs_the_cookie_of_its_page(served, path):
    stranger = served.stranger()
    shown = stranger.get("/sign-in").text
    form = shown.partition('name="form" value="')[2].partition('"')[0]
    with_cookie = stranger.post(path, data={"form": "guessed"})
    abroad = stranger.post(path, data={"form": form}, headers={"Origin": "https://evil.example"})
    stranger.cookies.clear()
    without = stranger.post(path, data={"form": form})

    assert [each.status_code for each in (with_cookie, abroad, without)] == [403, 403, 403]
