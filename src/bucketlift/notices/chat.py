"""Writes a notice as a message of Slack or Microsoft Teams, for their incoming webhooks."""

from __future__ import annotations

import json
from typing import Any

from bucketlift.model.notice import Notice
from bucketlift.notices.words import subject, text

LONGEST = 6_000
"""Maximum number of characters of a message. Teams refuses messages of more than 28 KB."""


def slack_body(notice: Notice) -> bytes:
    """The body for an incoming webhook of Slack. Names in the text are never read as markup or mentions."""
    words = _shortened(text(notice.body))
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    block = {"type": "plain_text", "text": _shortened(words, 2_900), "emoji": False}
    return json.dumps({"text": escaped, "blocks": [{"type": "section", "text": block}]}).encode()


def teams_body(notice: Notice) -> bytes:
    """The body for a webhook of a workflow in Teams: a message with an adaptive card."""
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [_block(subject(notice.body), bold=True), _block(_shortened(text(notice.body)))],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}).encode()


def _block(words: str, *, bold: bool = False) -> dict[str, Any]:
    """Plain text as a paragraph. A RichTextBlock, unlike a TextBlock, does not read its text as Markdown."""
    run: dict[str, Any] = {"type": "TextRun", "text": words}
    return {"type": "RichTextBlock", "inlines": [run | ({"weight": "bolder"} if bold else {})]}


def _shortened(words: str, longest: int = LONGEST) -> str:
    return words if len(words) <= longest else f"{words[:longest]}..."
