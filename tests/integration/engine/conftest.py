from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bucketlift.ledger.db.sqlite import open_file
from integration.engine.bench import Bench, Store


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    database = open_file(tmp_path / "ledger.sqlite")
    yield Bench(folder=tmp_path, database=database, store=Store(["drop", "archive"]))
    database.close()
