from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bucketlift.ledger.catalog import Catalog
from bucketlift.ledger.database import Database
from bucketlift.ledger.files import Files
from bucketlift.ledger.manifests import Manifests
from bucketlift.ledger.outbox import Outbox
from bucketlift.ledger.runs import Runs
from bucketlift.ledger.sqlite import open_file
from bucketlift.ledger.survey import Survey
from bucketlift.model.run import Lease, RunId
from builders import NOON, a_workflow


@dataclass
class Ledger:
    """A real ledger file with one workflow, one run of it, and its lease."""

    database: Database
    catalog: Catalog
    runs: Runs
    manifests: Manifests
    files: Files
    outbox: Outbox
    survey: Survey
    run: RunId
    lease: Lease


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = open_file(tmp_path / "ledger.sqlite")
    catalog, runs = Catalog(database), Runs(database)
    catalog.save(workflows=(a_workflow(),), now=NOON)
    run = runs.ask("nightly", 1, trigger="demand", now=NOON)
    lease = runs.take_lease("nightly", "worker-1", lambda _: True)
    assert lease is not None
    yield Ledger(
        database=database,
        catalog=catalog,
        runs=runs,
        manifests=Manifests(database),
        files=Files(database),
        outbox=Outbox(database),
        survey=Survey(database),
        run=run.id,
        lease=lease,
    )
    database.close()
