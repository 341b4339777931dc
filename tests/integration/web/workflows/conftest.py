"""Workflows of an installation, whole and half done."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from bucketlift.model.account import Account, AwsRole, Destination, DuckdbDestination
from bucketlift.model.lifecycle import RunState
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

    def making(title="Nightly", tasks=(FILES, PEOPLE), triggers=(), kind="schedule", **more):
        said = {"title": title, "tasks": list(tasks), "triggers": list(triggers), **more}
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


def tasks_of(title):
    return [{"id": "files", "extract": EXTRACT | {"prefix": f"{title}/"}}, PEOPLE]


@pytest.fixture
def on(app, published):
    """Publish a workflow with files of its own and switch it on; its key."""

    def making(title, **more):
        key = published(title, tasks=tasks_of(title), **more)
        app.ledger.catalog.enable(key, enabled=True, now=NOON)
        return key

    return making


@pytest.fixture
def ran(app):
    """A run of a workflow, from its request to its end."""

    def running(
        key,
        *,
        at=NOON,
        started=None,
        state=RunState.SUCCEEDED,
        held=0,
        files=1,
        rows=100,
        usual=None,
        lasting=timedelta(),
    ):
        started = started or at
        run = app.ledger.runs.ask(key, 1, trigger="demand", now=at)
        lease = app.ledger.runs.take_lease(key, "worker-1", lambda _: True)
        app.ledger.runs.begin(run.id, lease, worker="worker-1", now=started)
        document = {"tasks": [{"id": "files", "files": {"loaded": files}, "rows": {"loaded": rows}}]}
        app.ledger.runs.finish(
            run.id, lease, state=state, document=document, newly_held=held, now=started + lasting, usual=usual
        )
        return run.id

    return running


@pytest.fixture
def text():
    """What a person reads of an answer's main part."""

    def read(answer):
        main = answer.text.partition("<main")[2] or answer.text
        plain = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", main, flags=re.DOTALL)
        return " ".join(unescape(plain).split()).partition("> ")[2] or " ".join(unescape(plain).split())

    return read
