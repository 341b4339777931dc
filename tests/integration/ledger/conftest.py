from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

import ledger_template
from bucketlift.ledger import tables
from bucketlift.ledger.claims.claims import Claims
from bucketlift.ledger.claims.manifests import Manifests
from bucketlift.ledger.claims.outbox import Outbox
from bucketlift.ledger.claims.survey import Survey
from bucketlift.ledger.db.copying import clear
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.postgresql import open_url
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.model.run import Lease, RunId
from builders import NOON, a_workflow
from postgresql import Postgresql


@dataclass
class Ledger:
    """A real ledger with one workflow, one run of it, and its lease."""

    database: Database
    catalog: Catalog
    runs: Runs
    manifests: Manifests
    claims: Claims
    outbox: Outbox
    survey: Survey
    run: RunId
    lease: Lease


@pytest.fixture
def migrated() -> Iterator[None]:
    """Ledgers are made by the migrations themselves."""
    with ledger_template.upgrading_by(ledger_template.MIGRATE):
        yield


@pytest.fixture(scope="session")
def postgresql_ledger(postgresql: Postgresql) -> Iterator[Database]:
    """Migrated once, for it takes a while; emptied before each test."""
    database = open_url(postgresql.database())
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty ledger of each kind."""
    if request.param == "postgresql":
        shared: Database = request.getfixturevalue("postgresql_ledger")
        as_new(shared)
        yield shared
        return
    made = open_file(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def as_new(database: Database) -> None:
    """What the first migration leaves."""
    with database.writing() as connection:
        clear(connection)
        connection.execute(sa.insert(tables.installation).values(id="installation-1", made_at=NOON))


@pytest.fixture
def ledger(database: Database) -> Ledger:
    catalog, runs = Catalog(database), Runs(database)
    catalog.save(workflows=(a_workflow(),), now=NOON)
    run = runs.ask("nightly", 1, trigger="demand", now=NOON)
    lease = runs.take_lease("nightly", "worker-1", lambda _: True)
    assert lease is not None
    return Ledger(
        database=database,
        catalog=catalog,
        runs=runs,
        manifests=Manifests(database),
        claims=Claims(database),
        outbox=Outbox(database),
        survey=Survey(database),
        run=run.id,
        lease=lease,
    )
