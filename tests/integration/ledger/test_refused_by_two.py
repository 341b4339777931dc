"""The upgrade of a ledger in which a row that two destinations refused was mended for one of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bucketlift.ledger import migrations

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("migrated")]

NOON = "2026-11-30 12:00:00"


def upgrade(path: Path, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def put(ledger: sqlite3.Connection, table: str, /, **values: object) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" * len(values))
    ledger.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608 - of this test


def put_reject(ledger: sqlite3.Connection, position: int, offset: int, load_task: str | None) -> None:
    reject = {"line": position, "offset": offset, "raw": b"", "reason": "missing", "load_task": load_task}
    put(ledger, "rejects", claim="a", position=position, **reject)


def put_mended(ledger: sqlite3.Connection, offset: int, part: int) -> None:
    put(ledger, "mended_rows", claim="a", part=part, line=offset, cells="{}", offset=offset)


def test_a_row_that_the_replay_did_not_send_to_a_destination_stays_a_reject_for_it(tmp_path):
    path = tmp_path / "ledger.sqlite"
    upgrade(path, "0009")
    with closing(sqlite3.connect(path)) as ledger, ledger:
        claim = {"source": 1, "workflow": "w", "task": "files", "state": "done", "rows": 3, "rejected": 1}
        put(ledger, "claims", id="a", **claim, load_begun=True, deaths=0, mended=3, updated_at=NOON)
        put_reject(ledger, 1, 10, None)
        put_reject(ledger, 2, 20, "post")
        put_reject(ledger, 3, 20, "other")
        put_reject(ledger, 4, 30, "other")
        put_reject(ledger, 5, 40, "post")
        for part, state in [(1, "done"), (2, "waiting")]:
            put(ledger, "replays", claim="a", part=part, workflow="w", state=state, rows=2, asked_at=NOON)
        put_mended(ledger, 10, 1)
        put_mended(ledger, 20, 1)
        put_mended(ledger, 40, 2)
        counts = {"inserted": 2, "updated": 0, "unchanged": 0, "committed_at": NOON}
        receipt = {"load_task": "post", "load": "l", "run": "r", "destination": "hook", "table": "rows"}
        put(ledger, "replay_receipts", claim="a", part=1, **receipt, **counts)

    upgrade(path, "head")

    with closing(sqlite3.connect(path)) as ledger:
        marked = ledger.execute("SELECT position, mended_in FROM rejects ORDER BY position").fetchall()
        waiting = ledger.execute('SELECT "offset", part FROM mended_rows ORDER BY "offset"').fetchall()
        count = ledger.execute("SELECT mended FROM claims").fetchone()
    assert marked == [(1, 1), (2, 1), (3, None), (4, None), (5, None)]
    assert waiting == [(10, 1), (40, 2)]
    assert count == (2,)
