"""Every route for every role, as the router lists them."""

from __future__ import annotations

import pytest

from addresses import addresses, raw
from bucketlift.model.user import RIGHTS, Right, Role
from visitors import COOKIE, ORIGIN

PUBLIC = {
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /sign-in",
    "POST /sign-in",
    "GET /sign-in/link",
    "POST /sign-in/link",
    "GET /set-up",
    "POST /set-up",
}
"""All that anybody may ask for. Whoever adds one says here why nobody needs to be known."""

TAKES_EVENTS = {"POST /events/{workflow}"}
"""Known by a token or signature of their own."""


def test_only_these_addresses_are_open_to_anybody(served):
    found = {str(each) for each in addresses(served.server) if each.right is None}

    assert found - TAKES_EVENTS == PUBLIC


def test_whoever_is_not_signed_in_is_led_to_sign_in_wherever_they_ask(served):
    asked = [each for each in addresses(served.server) if each.right is not None]

    stranger = served.stranger()

    answers = {
        str(each): stranger.request(each.method, each.example, headers={"Origin": ORIGIN}) for each in asked
    }

    assert len(answers) > 10
    assert {
        name: (answer.status_code, answer.headers.get("location", "").partition("?")[0])
        for name, answer in answers.items()
    } == dict.fromkeys(answers, (303, "/sign-in"))


def test_a_session_that_never_was_is_nobodys(served):
    for each in addresses(served.server):
        if each.right is not None:
            answer = raw(
                served.server, each.example, method=each.method, headers={"cookie": f"{COOKIE}=guessed"}
            )
            assert (answer.status, answer.headers["location"][:8]) == (303, "/sign-in")


def refusals(page, role, asked):
    found, browser = set(), page.browser(role)
    for each in asked:
        answer = browser.request(each.method, each.example)
        if answer.status_code == 403:
            found.add(str(each))
        if answer.headers.get("location", "").startswith("/sign-in"):
            browser = page.browser(role)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_a_role_is_let_in_where_it_has_the_right_and_nowhere_else(served, role):
    asked = [each for each in addresses(served.server) if each.right is not None]

    refused = refusals(served, role, asked)

    assert len(asked) > 10
    assert refused == {str(each) for each in asked if each.right not in RIGHTS[role]}


def test_each_right_is_asked_for_by_what_people_expect(served):
    rights = {str(each): each.right for each in addresses(served.server)}

    assert {path for path, right in rights.items() if right is Right.ADMINISTER} >= {
        "GET /people",
        "POST /people/add",
        "POST /people/{person}/role",
        "POST /people/{person}/link",
        "POST /people/{person}/disable",
    }
    assert rights["GET /"] is Right.SEE
