from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.postgresql import open_url
from bucketlift.ledger.db.sqlite import open_file
from integration.ticker.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as opened:
        yield Scene(connect=lambda: _closing(opened, open_file(tmp_path / "ledger.sqlite")))


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """A ledger for several processes at once."""
    url = request.getfixturevalue("postgresql").database() if request.param == "postgresql" else None

    def connect() -> Database:
        return _closing(opened, open_file(tmp_path / "ledger.sqlite") if url is None else open_url(url))

    with ExitStack() as opened:
        yield Scene(connect=connect)


def _closing(opened: ExitStack, database: Database) -> Database:
    opened.callback(database.close)
    return database
