"""A control that takes a secret is marked, so that `sending.js` does not keep its text in the browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import bucketlift.web

TEMPLATES = Path(bucketlift.web.__file__).parent / "templates"
NAMES = {"password", "passphrase", "private_key", "secret", "secret_key", "access_key", "token", "bearer"}
"""Names of controls that take secrets, after the prefix `new-`."""
NEVER_SHOWN = re.compile(r"stored (as a secret|encrypted)|shown again", re.IGNORECASE)
JINJA = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)


class Controls(HTMLParser):
    """The controls of a template, and the texts of its hints by their IDs."""

    def __init__(self) -> None:
        super().__init__()
        self.controls: list[dict[str, str | None]] = []
        self.hints: dict[str, str] = {}
        self.hint = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("input", "textarea"):
            self.controls.append(found)
        if tag == "small":
            self.hint = found.get("id") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "small":
            self.hint = ""

    def handle_data(self, data: str) -> None:
        if self.hint:
            self.hints[self.hint] = self.hints.get(self.hint, "") + data


def unmarked(text: str) -> list[str]:
    """The names of controls that take a secret and are not marked."""
    read = Controls()
    read.feed(JINJA.sub("", text))
    never_shown = {each for each, hint in read.hints.items() if NEVER_SHOWN.search(hint)}
    return [
        name
        for each in read.controls
        if (name := each.get("name") or "").removeprefix("new-") in NAMES
        or each.get("aria-describedby") in never_shown
        if each.get("type") not in ("password", "file") and "data-secret" not in each
    ]


def test_each_control_that_takes_a_secret_is_marked():
    found = {
        path.relative_to(TEMPLATES).as_posix(): names
        for path in sorted(TEMPLATES.rglob("*.html"))
        if (names := unmarked(path.read_text()))
    }

    assert found == {}


def test_the_check_finds_a_control_by_its_name_and_by_its_hint():
    by_hint = (
        '<input name="url" {% if a %}aria-describedby="b"{% endif %}><small id="b">Never shown again.</small>'
    )

    assert unmarked('<textarea name="new-private_key"></textarea>') == ["new-private_key"]
    assert unmarked(by_hint) == ["url"]
    assert unmarked('<input type="password" name="secret"><input name="token" data-secret>') == []
