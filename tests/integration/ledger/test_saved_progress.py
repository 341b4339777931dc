"""How far a run is, kept beside everything else that is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bucketlift.ledger.runs.progress import SavedProgress
from bucketlift.model.advance import Advance, FileAdvance, Sample, TaskAdvance
from bucketlift.model.lifecycle import RunState
from builders import NOON

FAR = Advance(
    at=NOON,
    tasks=(TaskAdvance(task="files", doing="reading", done=64, total=1000),),
    files=(
        FileAdvance(
            file="f1",
            task="files",
            key="in/a.csv",
            doing="reading",
            done=4_000,
            total=10_000,
            rows=120,
            earlier=Sample(at=NOON - timedelta(seconds=2), done=1_000),
        ),
    ),
)


@pytest.fixture
def advances(ledger):
    ledger.runs.begin(ledger.run, ledger.lease, worker="worker-1", now=NOON)
    return SavedProgress(ledger.database)


def finish(ledger):
    document = {"tasks": [{"id": "files", "files": {"loaded": 3}, "rows": {"loaded": 40}}, {"id": "people"}]}
    ledger.runs.finish(
        ledger.run, ledger.lease, state=RunState.SUCCEEDED, document=document, newly_held=0, now=NOON
    )


def test_the_newest_that_was_told_is_read_back(ledger, advances):
    advances.keep(ledger.run, ledger.lease, FAR)
    newer = replace(FAR, at=NOON + timedelta(seconds=1), files=())

    advances.keep(ledger.run, ledger.lease, newer)

    assert advances.of(ledger.run) == newer


def test_it_is_gone_with_the_end_of_the_run_and_cannot_come_back(ledger, advances):
    advances.keep(ledger.run, ledger.lease, FAR)

    finish(ledger)
    advances.keep(ledger.run, ledger.lease, FAR)

    assert advances.of(ledger.run) is None
    with ledger.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM advances").scalar() == 0


def test_a_worker_that_lost_its_lease_tells_nothing(ledger, advances):
    stale = ledger.lease
    newer = ledger.runs.take_lease("nightly", "worker-2", lambda _: False)
    advances.keep(ledger.run, newer, FAR)

    advances.keep(ledger.run, stale, replace(FAR, tasks=()))

    assert advances.of(ledger.run) == FAR


def test_of_a_run_that_waits_nothing_is_told(ledger):
    advances = SavedProgress(ledger.database)

    advances.keep(ledger.run, ledger.lease, FAR)

    assert advances.of(ledger.run) is None
