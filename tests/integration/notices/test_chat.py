"""Notices as messages of Slack and Teams, sent through a real web server."""

from __future__ import annotations

import json
from dataclasses import replace

from bucketlift.model.account import EnvSecret
from bucketlift.model.notice import Notice, Slack
from bucketlift.notices.chat import slack_body, teams_body
from bucketlift.notices.facts import of_test
from bucketlift.notices.webhook import post_body
from builders import NOON
from integration.notices.servers import hook

HOSTILE = "<!channel> & *bold* [link](https://x.example)"
NOTICE = Notice(
    id="n1",
    workflow="nightly",
    run=None,
    occasion="test",
    channel=Slack(slack=EnvSecret(env="SLACK")),
    body=of_test("nightly", HOSTILE),
    made_at=NOON,
    due_at=NOON,
)


def test_a_title_is_never_read_as_markup_of_slack():
    told = json.loads(slack_body(NOTICE))

    assert told["text"].startswith("&lt;!channel&gt; &amp; *bold* [link](https://x.example): a test notice.")
    assert told["blocks"][0]["text"]["type"] == "plain_text"
    assert told["blocks"][0]["text"]["text"].startswith(HOSTILE)


def test_a_message_of_teams_is_a_card_of_plain_text():
    told = json.loads(teams_body(NOTICE))

    (attachment,) = told["attachments"]
    blocks = attachment["content"]["body"]
    assert (told["type"], attachment["contentType"]) == (
        "message",
        "application/vnd.microsoft.card.adaptive",
    )
    assert [each["type"] for each in blocks] == ["RichTextBlock", "RichTextBlock"]
    assert blocks[0]["inlines"][0]["text"] == f"{HOSTILE}: a test notice"


def test_a_long_message_is_shortened_to_what_both_accept():
    title = "x" * 40_000
    long = replace(NOTICE, body=of_test("nightly", title))

    sizes = [len(slack_body(long)), len(teams_body(long))]

    assert max(sizes) < 28_000


def test_the_body_is_posted_as_json():
    with hook(200) as server:
        post_body(f"{server.url}/services/T0", slack_body(NOTICE), within=10)

    ((path, headers, body),) = server.asked
    assert (path, headers["content-type"], json.loads(body)["blocks"][0]["type"]) == (
        "/services/T0",
        "application/json",
        "section",
    )
