"""Doubled loads of applied workflows are searched only if a definition changed, because every page shows their number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bucketlift.rules.doubles import doubled_loads as rules
from bucketlift.service.core import doubled_loads
from bucketlift.service.files import attention
from builders import NOON, a_workflow


@dataclass
class Clock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def searched(monkeypatch):
    """The keys of the workflows in which doubled loads were searched."""
    searched = []

    def counted(workflow, *given):
        searched.append(workflow.key)
        return rules.doubled_loads(workflow, *given)

    monkeypatch.setattr(doubled_loads, "doubled_loads", counted)
    return searched


def test_an_unchanged_catalog_is_searched_once_and_a_changed_one_again(app, searched):
    app.ledger.catalog.save(workflows=(a_workflow(),), now=NOON)
    app = replace(app, clock=Clock())

    attention.count(app)
    attention.count(app)
    once = tuple(searched)
    app.ledger.catalog.save(workflows=(a_workflow(key="other"),), now=NOON)
    attention.count(app)

    assert (once, searched) == (("nightly",), ["nightly", "nightly", "other"])


def test_a_result_is_used_only_for_a_minute_because_secrets_and_links_may_change(app, searched):
    app.ledger.catalog.save(workflows=(a_workflow(),), now=NOON)
    clock = Clock()
    app = replace(app, clock=clock)

    for at in (timedelta(0), timedelta(seconds=59), timedelta(seconds=60), -timedelta(hours=1)):
        clock.at = NOON + at
        attention.count(app)

    assert searched == ["nightly"] * 3
