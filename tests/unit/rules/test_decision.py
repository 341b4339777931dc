"""Why a listed key is not taken, as far as the listing alone can tell."""

from datetime import UTC, datetime

import pytest

from bucketlift.model.contract import Contract, Field
from bucketlift.model.source import ListedObject, Selection
from bucketlift.model.workflow import ExtractTask, Rename, StartAll, StartAt, StartNow
from bucketlift.rules.decision import REASONS, barred, cutoff, unselected
from bucketlift.rules.take import Decision

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

TASK = ExtractTask(
    id="files",
    account="acme",
    selection=Selection(bucket="drop", prefix="in/", pattern="*.csv"),
    contract=Contract(fields=(Field(name="id"),)),
    after_import=Rename(prefix="done-"),
    max_bytes=100,
)


def listed(key, size=7, modified=NOON):
    return ListedObject(key=key, etag="e1", size=size, modified=modified)


@pytest.mark.parametrize(
    ("key", "size", "decision"),
    [
        ("in/", 0, Decision.MARKER),
        ("in/.bucketlift/a.csv", 7, Decision.OURS),
        ("in/done-a.csv", 7, Decision.RENAMED),
        ("in/done-a.txt", 7, Decision.RENAMED),
        ("in/a.txt", 7, Decision.PATTERN),
        ("in/a\0.txt", 7, Decision.PATTERN),
        ("in/a\0.csv", 7, Decision.KEY_UNSTORABLE),
        ("in/a\ud83d.csv", 7, Decision.KEY_UNSTORABLE),
        ("in/a.csv", 0, None),
        ("in/a.csv", 7, None),
    ],
)
def test_the_first_reason_that_applies_is_given(key, size, decision):
    assert unselected(listed(key, size), TASK) is decision
    assert decision is None or REASONS[decision]


def test_a_file_at_the_limit_is_not_too_big():
    sizes = [barred(listed("in/a.csv", size), TASK, cut=None) for size in (100, 101)]

    assert sizes == [None, Decision.TOO_BIG]


def test_what_arrived_within_the_second_of_the_start_is_taken():
    cut = NOON.replace(microsecond=600_000)
    before = NOON.replace(hour=11, minute=59, second=59)

    assert barred(listed("in/a.csv", modified=before), TASK, cut=cut) is Decision.BEFORE_START
    assert barred(listed("in/a.csv", modified=NOON), TASK, cut=cut) is None


def test_start_now_cuts_the_first_listing_only():
    asked = [
        cutoff(start, switched_on=NOON, first_listing=first)
        for start in (StartAll(), StartNow(), StartAt(time=NOON))
        for first in (True, False)
    ]

    assert asked == [None, None, NOON, None, NOON, NOON]
