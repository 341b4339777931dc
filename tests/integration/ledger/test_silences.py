"""Silence in the ledger: each look covers the time since the last one, and one look's notices are written once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.ledger.triggers.notices import Notices
from bucketlift.ledger.triggers.silences import SilenceMark, Silences
from bucketlift.model.lifecycle import FileState
from bucketlift.model.notice import Mailbox, Notice
from builders import NOON, a_pinned, a_source

MARK = "silent:1"
A_SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(hours=1)
NOTICE = Notice(
    id="n1",
    workflow="nightly",
    run=None,
    occasion="silent",
    channel=Mailbox(email="hr@example.com"),
    body={"format": 1},
    made_at=LATER,
    due_at=LATER,
)


def pin(ledger, pinned):
    ledger.manifests.pin(ledger.run, ledger.lease, "files", [(pinned, 0, 0)], now=NOON)


@pytest.fixture
def silences(ledger):
    made = Silences(ledger.database)
    made.begin("nightly", MARK, now=NOON)
    return made


def test_listening_begins_once(silences):
    silences.begin("nightly", MARK, now=LATER)

    assert silences.marks() == {("nightly", MARK): SilenceMark(until=NOON)}


def test_two_that_look_at_once_write_one_notice(ledger, silences):
    now = SilenceMark(until=LATER, missed=LATER)
    settled = [silences.settle("nightly", MARK, since=NOON, now=now, notices=[NOTICE]) for _ in range(2)]

    assert settled == [True, False]
    assert silences.marks() == {("nightly", MARK): now}
    assert Notices(ledger.database).find() == (NOTICE,)


def test_who_is_forgotten_is_listened_to_anew(silences):
    silences.forget([("nightly", MARK)])
    nobody = silences.marks()
    silences.begin("nightly", MARK, now=LATER)

    assert (nobody, silences.marks()) == ({}, {("nightly", MARK): SilenceMark(until=LATER)})


def test_a_file_that_was_found_since_has_arrived_whatever_became_of_it(ledger, silences):
    before = silences.arrived("nightly", since=NOON - A_SECOND)
    held = a_pinned(a_source("in/a.csv"), state=FileState.HELD, reason="empty-file")
    pin(ledger, held)

    assert (before, silences.arrived("nightly", since=NOON - A_SECOND)) == (False, True)
    assert not silences.arrived("nightly", since=NOON)
    assert not silences.arrived("other", since=NOON - A_SECOND)


def test_a_file_from_before_the_start_did_not_arrive(ledger, silences):
    pin(ledger, a_pinned(a_source("in/old.csv"), state=FileState.SKIPPED, reason="before-start"))

    assert not silences.arrived("nightly", since=NOON - A_SECOND)


def test_a_run_that_was_asked_lately_is_still_looking(ledger, silences):
    lately, before = NOON - A_SECOND, NOON

    assert (
        silences.has_unfinished_run("nightly", since=lately),
        silences.has_unfinished_run("nightly", since=before),
    ) == (
        True,
        False,
    )
