"""Why a listed key is not taken, as far as the listing alone can tell."""

from datetime import UTC, datetime, timedelta

import pytest

from bucketlift.errors import RequestWrong
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


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(), timedelta(days=-1)])
def test_start_now_is_a_time_of_the_stores_clock(ahead):
    stores_now = NOON + timedelta(hours=1)
    now = stores_now + ahead

    cut = cutoff(
        StartNow(), switched_on=now - timedelta(hours=1), now=now, stores_now=stores_now, first_listing=True
    )

    assert cut == NOON


def test_start_now_is_refused_where_the_clock_was_set_back_since():
    before = NOON - timedelta(hours=1)

    with pytest.raises(RequestWrong, match=r"set back .* Write `start: 2026-11-01T10:59:00Z`"):
        cutoff(
            StartNow(),
            switched_on=NOON,
            now=before,
            stores_now=before - timedelta(minutes=1),
            first_listing=True,
        )


def test_a_small_step_of_the_clock_is_no_matter_to_start_now():
    now = NOON - timedelta(seconds=2)

    assert cutoff(StartNow(), switched_on=NOON, now=now, stores_now=now, first_listing=True) == now


def test_start_now_cuts_the_first_listing_only():
    asked = [
        cutoff(start, switched_on=NOON, now=NOON, stores_now=NOON, first_listing=first)
        for start in (StartAll(), StartNow(), StartAt(time=NOON))
        for first in (True, False)
    ]

    assert asked == [None, None, NOON, None, NOON, NOON]
