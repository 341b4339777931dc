"""Webhooks through a real web server: signed, never redirected, bounded in time and size."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import replace

import httpx
import pytest

from bucketlift.errors import NotDelivered
from bucketlift.model.account import EnvSecret
from bucketlift.model.notice import Notice, Webhook
from bucketlift.notices.facts import of_test
from bucketlift.notices.webhook import post
from builders import NOON
from integration.notices.servers import DRIPS, dripping, free_port, hook

KEY, TOKEN = "canary-signing-key", "canary-url-token"
NOTICE = Notice(
    id="n1",
    workflow="nightly",
    run=None,
    occasion="test",
    channel=Webhook(webhook=EnvSecret(env="HOOK")),
    body=of_test("nightly", "Nächtlich"),
    made_at=NOON,
    due_at=NOON,
)


def send(url: str, *, key: str | None = None, within: float = 10, **more) -> None:
    post(url, NOTICE, key=key, now=NOON, within=within, **more)


def refusal(url: str, **how) -> NotDelivered:
    with pytest.raises(NotDelivered) as refused:
        send(url, **how)
    return refused.value


def test_a_notice_is_posted_with_a_signature_over_time_and_body():
    with hook(204) as server:
        send(f"{server.url}/{TOKEN}", key=KEY)

    ((path, headers, body),) = server.asked
    timestamp = headers["bucketlift-timestamp"]
    signed = hmac.new(KEY.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert path == f"/{TOKEN}"
    assert {
        name: each for name, each in headers.items() if name.startswith(("bucketlift", "content-type"))
    } == {
        "content-type": "application/json",
        "bucketlift-id": "n1",
        "bucketlift-timestamp": str(int(NOON.timestamp())),
        "bucketlift-signature": f"sha256={signed}",
    }
    assert json.loads(body) == {
        "format": 1,
        "id": "n1",
        "occasion": "test",
        "occasions": ["test"],
        "workflow": "nightly",
        "title": "Nächtlich",
        "next": [],
        "subject": "Nächtlich: a test notice",
        "text": "Nächtlich: a test notice.\n\nThis is a test. Notices of this workflow arrive at this address.\n\n"
        "Bucketlift, workflow nightly\n",
    }


def test_without_a_key_nothing_is_signed():
    with hook() as server:
        send(server.url)

    assert "bucketlift-signature" not in server.asked[0][1]


def test_a_redirect_is_refused_and_not_followed():
    with hook() as other, hook((307, {"Location": f"{other.url}/elsewhere"}, b"")) as server:
        told = refusal(server.url)

    assert told.what == "The webhook answered 307, a redirect, which is not followed"
    assert (len(server.asked), other.asked) == (1, [])


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_any_other_answer_is_a_failure_that_is_named(status):
    with hook(status) as server:
        told = refusal(server.url)

    assert told.what == f"The webhook answered {status}"


def test_of_a_huge_answer_little_is_read():
    with hook((200, {}, b"x" * (64 * 1024 * 1024))) as server:
        send(server.url)
        cut_off = server.cut_off.get(timeout=60)

    assert cut_off


@pytest.mark.slow
@pytest.mark.parametrize("told", [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\nX: y\r\n"])
def test_a_server_that_never_comes_to_a_point_is_left_in_time(told):
    with dripping(told) as server:
        refused = refusal(f"http://127.0.0.1:{server.port}/{TOKEN}", within=0.3)
        read = server.said

    assert (refused.what, read < DRIPS) == ("The webhook does not answer in time", True)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (f"http://127.0.0.1:{free_port()}/{TOKEN}", "The webhook cannot be reached (ConnectError)"),
        (f"ftp://127.0.0.1/{TOKEN}", "The webhook's address is not a URL"),
        (f"{TOKEN}", "The webhook's address is not a URL"),
        (f"http:///{TOKEN}", "The webhook's address is not a URL"),
        (f"http://127.0.0.1:port/{TOKEN}", "The webhook's address is not a URL"),
        ("", "The webhook's address is not a URL"),
    ],
    ids=["down", "ftp", "word", "no host", "no port", "empty"],
)
def test_what_cannot_be_reached_is_told_without_its_address(url, what):
    told = refusal(url)

    assert (told.what, TOKEN in str(told)) == (what, False)


def test_who_may_not_name_an_address_is_refused_before_anything_is_sent():
    asked: list[httpx.URL] = []

    def allowed(url: httpx.URL) -> bool:
        asked.append(url)
        return False

    with hook() as server:
        told = refusal(server.url, allowed=allowed)

    assert (told.what, asked) == ("The webhook's address is not allowed", [httpx.URL(server.url)])
    assert server.asked == []


def test_neither_address_nor_key_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    with hook(200) as server:
        send(f"{server.url}/{TOKEN}", key=KEY)

    assert [word for word in (TOKEN, KEY) if word in caplog.text] == []


def test_the_same_notice_sent_again_has_the_same_id():
    with hook(500, 200) as server:
        refusal(server.url)
        post(server.url, replace(NOTICE, tries=2), key=None, now=NOON, within=10)

    assert [headers["bucketlift-id"] for _, headers, _ in server.asked] == ["n1", "n1"]
