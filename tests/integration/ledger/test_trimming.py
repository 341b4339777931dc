"""What is over and old goes, a little at a time; what something goes back to stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.maintenance.trimming import RECENT, Trimming
from bucketlift.model.lifecycle import FileState
from builders import NOON, a_pinned, a_source

DAY = timedelta(days=1)
CUTOFF = NOON + 100 * DAY


def ended(ledger, *names: str, workflow: str = "nightly", at=NOON, **values) -> None:
    """Runs that ended one after another, each with a line in the log."""
    with ledger.database.writing() as connection:
        for number, name in enumerate(names):
            row = {
                "id": name,
                "workflow": workflow,
                "version": 1,
                "trigger": "demand",
                "state": "succeeded",
                "noticed": True,
                "followed": True,
                "asked_at": at + number * DAY,
                "finished_at": at + number * DAY,
            }
            connection.execute(sa.insert(tables.runs).values(**{**row, **values}))
            line = {"run": name, "level": "info", "what": "x", "at": at}
            connection.execute(sa.insert(tables.run_log).values(**line))


def newer(ledger, workflow: str = "nightly") -> None:
    """As many as stay in any case."""
    names = [f"new-{workflow}-{number}" for number in range(RECENT)]
    ended(ledger, *names, workflow=workflow, at=CUTOFF + DAY)


def left(ledger, table=tables.runs, column="id") -> list[str]:
    with ledger.database.reading() as connection:
        found = connection.scalars(sa.select(table.c[column]).distinct()).all()
    return sorted(each for each in found if not each.startswith("new-") and each != ledger.run)


def test_old_runs_go_with_their_logs_and_the_newest_of_a_workflow_stay(ledger):
    ended(ledger, "a", "b")
    ended(ledger, "c", workflow="other")
    newer(ledger)

    done = Trimming(ledger.database).runs(CUTOFF)

    assert (done.runs, done.emptied, done.after) == (2, 0, None)
    assert left(ledger) == left(ledger, tables.run_log, "run") == ["c"]


def test_what_is_not_over_stays(ledger):
    ended(ledger, "running", state="running", finished_at=None)
    ended(ledger, "untold", noticed=False)
    ended(ledger, "young", at=CUTOFF)
    newer(ledger)

    Trimming(ledger.database).runs(CUTOFF)

    assert left(ledger) == ["running", "untold", "young"]


@pytest.mark.parametrize("followed", [True, False])
def test_a_run_that_may_still_begin_another_stays(ledger, followed):
    ended(ledger, "a", followed=False)
    newer(ledger)
    if followed:
        with ledger.database.writing() as connection:
            mark = {"workflow": "other", "schedule": "after:x", "settled_until": NOON}
            connection.execute(sa.insert(tables.schedules).values(**mark))

    Trimming(ledger.database).runs(CUTOFF)

    assert left(ledger) == (["a"] if followed else [])


def test_a_run_that_a_file_or_a_receipt_names_stays_without_its_log_and_its_list(ledger):
    ended(ledger, "named", "received", "holds", "none")
    newer(ledger)
    pinned = a_pinned(a_source("in/a.csv"), state=FileState.CLAIMED)
    ledger.manifests.pin(ledger.run, ledger.lease, "files", [(pinned, 0, 0)], now=NOON)
    with ledger.database.writing() as connection:
        connection.execute(sa.update(tables.claims).values(run="named"))
        connection.execute(sa.update(tables.manifests).values(run="named"))
        receipt = {
            "claim": pinned.claim,
            "load_task": "people",
            "load": "l",
            "run": "received",
            "destination": "d",
            "table": "t",
            "inserted": 1,
            "updated": 0,
            "unchanged": 0,
            "committed_at": NOON,
        }
        connection.execute(sa.insert(tables.receipts).values(**receipt))
        action = {
            "claim": pinned.claim,
            "workflow": "nightly",
            "action": {},
            "state": "held",
            "held_by": "holds",
            "due_at": NOON,
            "updated_at": NOON,
        }
        connection.execute(sa.insert(tables.outbox).values(**action))

    done = Trimming(ledger.database).runs(CUTOFF)
    again = Trimming(ledger.database).runs(CUTOFF)

    assert (done.runs, done.emptied, again.runs, again.emptied) == (1, 3, 0, 0)
    assert left(ledger) == ["holds", "named", "received"]
    assert left(ledger, tables.run_log, "run") == left(ledger, tables.manifests, "run") == []


def test_runs_are_looked_at_a_few_at_a_time_and_those_that_stay_are_not_looked_at_twice(ledger, monkeypatch):
    monkeypatch.setattr("bucketlift.ledger.maintenance.trimming.RUNS", 2)
    ended(ledger, "a", "b", "c", "d", "e")
    newer(ledger)
    pinned = a_pinned(a_source("in/a.csv"), state=FileState.CLAIMED)
    ledger.manifests.pin(ledger.run, ledger.lease, "files", [(pinned, 0, 0)], now=NOON)
    with ledger.database.writing() as connection:
        connection.execute(sa.update(tables.claims).values(run="b"))

    steps: list[tuple[int, int]] = []
    after = None
    while not steps or after is not None:
        done = Trimming(ledger.database).runs(CUTOFF, after=after)
        after = done.after
        steps.append((done.runs, done.emptied))

    assert (steps, left(ledger)) == ([(1, 1), (2, 0), (1, 0)], ["b"])


def test_notices_that_were_sent_or_given_up_go_and_those_that_wait_stay(ledger):
    rows = [
        {"id": name, "state": state, "made_at": at}
        for name, state, at in (
            ("sent", "sent", NOON),
            ("given-up", "given-up", NOON),
            ("waits", "waiting", NOON),
            ("young", "sent", CUTOFF),
        )
    ]
    shared = {"workflow": "nightly", "occasion": "failed", "channel": {}, "body": {}, "due_at": NOON}
    with ledger.database.writing() as connection:
        connection.execute(sa.insert(tables.notices), [row | shared for row in rows])

    gone = [Trimming(ledger.database).notices(CUTOFF) for _ in range(2)]

    assert (gone, left(ledger, tables.notices)) == ([2, 0], ["waits", "young"])
