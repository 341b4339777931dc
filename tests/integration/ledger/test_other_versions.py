"""Upgrading a ledger while workers of another version work with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bucketlift.errors import LedgerUpgraded, RequestWrong
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.other_versions import own_version
from bucketlift.ledger.db.postgresql import open_url
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.migrations import HEAD
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.runs.workers import Workers
from bucketlift.model.worker import WorkerKind
from postgresql import Postgresql

Opened = Callable[[], Database]
OLDER = "0005"
NEWER_COLUMNS = (
    *("workers.version", "claims.refused", "receipts.refused", "replay_receipts.refused"),
    *("rejects.load_task", "rejects.message", "rejects.mended_in"),
    *("runs.outcome", "runs.usual_rows", "runs.unusual", "runs.reviewed_at"),
)
NEWER_INDEXES = (
    "runs_in_brief",
    "claims_by_source",
    "notices_by_workflow",
    "manifests_by_claim",
    "runs_unreviewed",
    "receipts_by_table",
    "replay_receipts_by_table",
)
ALIVE = {"17-ab"}


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens one ledger, each time as a new process does."""
    made: list[Database] = []
    if request.param == "sqlite":
        opening: Opened = lambda: open_file(tmp_path / "ledger.sqlite", ALIVE.__contains__)  # noqa: E731
    else:
        server: Postgresql = request.getfixturevalue("postgresql")
        url = server.database()
        opening = lambda: open_url(url)  # noqa: E731

    def open_once() -> Database:
        made.append(opening())
        return made[-1]

    yield open_once
    for each in made:
        each.close()


def with_a_worker(database: Database, worker: str = "17-ab") -> None:
    Workers(database).enter(worker, name="alpha", host="alpha.example", kind=WorkerKind.WORKER)


def at_revision(database: Database, revision: str) -> None:
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def made_older(database: Database) -> None:
    """The tables as the version before made them, which recorded no version of a worker."""
    with database.writing() as connection:
        connection.execute(sa.text("DROP TABLE chunks"))
        for index in NEWER_INDEXES:
            connection.execute(sa.text(f"DROP INDEX {index}"))
        for column in NEWER_COLUMNS:
            table, _, name = column.partition(".")
            connection.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN {name}"))
    at_revision(database, OLDER)


def test_a_ledger_is_not_upgraded_under_a_live_worker_of_an_older_version(opened):
    database = opened()
    with_a_worker(database)
    made_older(database)

    with pytest.raises(RequestWrong) as refused:
        opened()

    assert refused.value.what == (
        f"The ledger {database.name} must be upgraded from revision {OLDER} to {HEAD} for version "
        f"{own_version()}, and a worker of an older version still works with it"
    )
    assert refused.value.to == (
        "alpha (worker, process 17-ab on alpha.example, a version that does not record itself)"
    )
    assert refused.value.hint == (
        "Stop this worker first, and try again. A killed worker counts as running for 8 seconds."
    )
    assert database.revision() == OLDER


def test_the_version_of_a_live_worker_is_named(opened):
    database = opened()
    with_a_worker(database)
    at_revision(database, OLDER)

    with pytest.raises(RequestWrong) as refused:
        opened()

    assert refused.value.to == f"alpha (worker, process 17-ab on alpha.example, version {own_version()})"


def test_a_ledger_is_upgraded_once_the_worker_left(opened):
    database = opened()
    with_a_worker(database)
    Workers(database).leave("17-ab")
    made_older(database)

    assert opened().revision() == HEAD


def test_a_dead_worker_of_an_older_version_is_forgotten_by_an_upgrade(opened):
    database = opened()
    with_a_worker(database, "18-cd")
    with database.writing() as connection:
        long_ago = database.now() - timedelta(hours=1)
        connection.execute(sa.text("UPDATE workers SET beat_at = :then"), {"then": str(long_ago)})
    made_older(database)

    upgraded = opened()

    assert (upgraded.revision(), Workers(upgraded).all()) == (HEAD, ())


def test_a_ledger_of_a_newer_version_is_refused_with_both_versions(opened):
    database = opened()
    with_a_worker(database)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE workers SET version = '9.1.0'"))
    at_revision(database, "9999")

    with pytest.raises(RequestWrong) as refused:
        opened()

    assert refused.value.what == (
        "This ledger was written by a newer Bucketlift 9.1.0: it is at revision 9999, and version "
        f"{own_version()}, which runs here, knows revisions up to {HEAD}"
    )
    assert (refused.value.to, refused.value.hint) == (
        database.name,
        "Install the newer version here too, or restore a backup made by this version into another database.",
    )


def test_a_worker_that_was_frozen_during_an_upgrade_writes_nothing_when_it_continues(opened):
    database = opened()
    with_a_worker(database)
    runs = Runs(database)
    lease = runs.take_lease("w", "17-ab", lambda _: True)
    assert lease is not None
    before = rows_of(database)
    at_revision(database, "9999")

    refused = [
        refusal(lambda: Workers(database).beat("17-ab", draining=True)),
        refusal(lambda: runs.take_lease("other", "17-ab", lambda _: True)),
        refusal(lambda: runs.drop_lease(lease)),
        refusal(lambda: runs.holds(lease)),
        refusal(lambda: Workers(database).leave("17-ab")),
    ]

    wanted = (
        f"This ledger was written by a newer Bucketlift: it is at revision 9999, and version {own_version()}, "
        f"which runs here, knows revisions up to {HEAD}"
    )
    assert refused == [wanted] * 5
    assert rows_of(database) == before


def rows_of(database: Database) -> list[list[tuple[object, ...]]]:
    with database.reading() as connection:
        return [
            [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))]  # noqa: S608 constants
            for name in ("workers", "leases")
        ]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(LedgerUpgraded) as refused:
        call()
    return refused.value.what
