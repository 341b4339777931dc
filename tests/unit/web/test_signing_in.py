"""Small rules of signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.rules.backing_off import FreeFailures, wait_left
from bucketlift.service.people.passwords import PasswordWrong, require_good
from bucketlift.web.browsers import browser_name
from bucketlift.web.cookies import safe_redirect
from builders import NOON


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\n/evil.example",
        "https:",
        "https:evil.example",
        "https://evil.example",
        "HTTPS:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        "",
        ".",
        "/\x00",
        "/" + "x" * 3000,
        "/\u2028/evil.example",
    ],
)
def test_an_address_that_is_not_ours_is_not_gone_to(address):
    assert safe_redirect(address) == "/"


@pytest.mark.parametrize(
    "address", ["/", "/workflows/nightly", "/runs?state=failed&next=https://x", "/a#b", "/a//b"]
)
def test_an_address_of_ours_is(address):
    assert safe_redirect(address) == address


@pytest.mark.parametrize(
    ("failed", "after", "left"),
    [
        (0, 0, 0),
        (4, 0, 0),
        (5, 0, 1),
        (5, 1, 0),
        (6, 1, 1),
        (7, 0, 4),
        (15, 0, 900),
        (10_000, 0, 900),
        (9, 99, 0),
    ],
)
def test_the_wait_doubles_and_ends(failed, after, left):
    now = NOON + timedelta(seconds=after)

    assert wait_left(FreeFailures(free=5), failed, NOON, now) == timedelta(seconds=left)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "too short"),
        ("elevenchars", "too short"),
        ("x" * 257, "too long"),
        ("zzzzzzzzzzzz", "repeated"),
        ("zZzZzZzZzZzZ", "repeated"),
        ("Ada.Lovelace@example.com", "the name"),
        ("ada.lovelace", "the name"),
        ("moc.elpmaxe@ecalevol.ada", "the name"),
        ("ada.lovelace@example.com" * 2, "the name"),
    ],
)
def test_what_is_guessed_first_is_no_password(password, said):
    with pytest.raises(PasswordWrong, match=said) as caught:
        require_good(password, "ada.lovelace@example.com")

    assert password == "" or password not in str(caught.value)


@pytest.mark.parametrize(
    "password", ["four quiet words", "ada.lovelace, 1815", "パスワードパスワード12", "x" * 255 + "y"]
)
def test_anything_else_of_some_length_is(password):
    require_good(password, "ada.lovelace@example.com")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/142 Safari/537 Edg/142", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("my own program", "my own program"),
        ("", "Unknown program"),
    ],
)
def test_browsers_are_told_in_words(told, name):
    assert browser_name(told) == name
