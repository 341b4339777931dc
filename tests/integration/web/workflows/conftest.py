"""Workflows of an installation, whole and half done."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from bucketlift.model.account import Account, AwsRole, Destination, DuckdbDestination
from bucketlift.service.editor import drafts
from builders import NOON

ROLE = AwsRole(role_arn="arn:aws:iam::111122223333:role/bucketlift", region="us-east-1")
EXTRACT = {
    "kind": "s3",
    "account": "acme",
    "bucket": "drop",
    "prefix": "in/",
    "columns": ["id", "name"],
    "after_import": "delete",
}
FILES = {"id": "files", "extract": EXTRACT}
PEOPLE = {"id": "people", "load": {"from": "files", "to": "warehouse", "table": "people"}}


@pytest.fixture
def app(page, tmp_path):
    """With an account and a destination to name."""
    place = DuckdbDestination(path=str(tmp_path / "warehouse.duckdb"))
    page.app.ledger.catalog.save(
        accounts=(Account(name="acme", project=None, settings=ROLE),),
        destinations=(Destination(name="warehouse", project=None, settings=place),),
        now=NOON,
    )
    return page.app


@pytest.fixture
def make(app):
    """Make a workflow that was never on; says its key."""

    def making(title="Nightly", tasks=(FILES, PEOPLE), triggers=(), kind="schedule"):
        said = {"title": title, "tasks": list(tasks), "triggers": list(triggers)}
        return drafts.change(app, drafts.create(app, kind), lambda document: document | said).key

    return making


@pytest.fixture
def published(app, make):
    """The same, put to use, and off."""

    def making(*args: Any, **named: Any) -> str:
        key = make(*args, **named)
        drafts.publish(app, key)
        return key

    return making


@pytest.fixture
def text():
    """What a person reads of an answer's main part."""

    def read(answer):
        main = answer.text.partition("<main")[2] or answer.text
        plain = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", main, flags=re.DOTALL)
        return " ".join(unescape(plain).split()).partition("> ")[2] or " ".join(unescape(plain).split())

    return read
