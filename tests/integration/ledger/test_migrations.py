"""The ledger's tables are what its migrations make."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import ledger_template
from bucketlift.errors import RequestWrong
from bucketlift.ledger import migrations
from bucketlift.ledger.db.postgresql import open_url
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.tables import metadata

pytestmark = pytest.mark.usefixtures("migrated")


def test_the_migrations_make_the_tables_that_the_code_expects(ledger):
    with ledger.database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_the_tables_that_other_tests_make_quickly_are_those_of_the_migrations(tmp_path, monkeypatch):
    file = tmp_path / "migrated.sqlite"
    open_file(file).close()
    ledger_template.statements()
    monkeypatch.setattr(ledger_template, "MIGRATE", None)  # from here on, no migration can run
    with ledger_template.upgrading_by(ledger_template.upgrade):
        quick = tmp_path / "quick.sqlite"
        open_file(quick).close()

    assert contents(quick) == contents(file)


def contents(file):
    """Everything in a ledger, except the identity that each is given. Indexes are made in any order."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE installation SET id = 'of its own', made_at = 'now'")
        return sorted(connection.iterdump())


def test_a_ledger_can_be_read_by_its_owner_only(tmp_path):
    path = tmp_path / "ledger.sqlite"
    open_file(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


DURABLE: dict[str, dict[str, object]] = {
    "sqlite": {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2, "PRAGMA foreign_keys": 1},
    "postgresql": {"SHOW synchronous_commit": "on"},
}


def test_a_ledger_is_written_durably(database):
    wanted = DURABLE[database.engine.dialect.name]

    with database.reading() as connection:
        settings = {question: connection.scalar(text(question)) for question in wanted}

    assert settings == wanted


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "ledger.sqlite"
    database = open_file(path)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()

    with pytest.raises(RequestWrong, match="This ledger was written by a newer Bucketlift"):
        open_file(path)


def test_a_migration_may_pause_longer_than_other_transactions(postgresql, monkeypatch):
    limits = []

    def upgrade(connection):
        limits.append(connection.scalar(text("SHOW idle_in_transaction_session_timeout")))
        ledger_template.MIGRATE(connection)

    monkeypatch.setattr(migrations, "upgrade", upgrade)
    database = open_url(postgresql.database())
    with database.writing() as connection:
        limits.append(connection.scalar(text("SHOW idle_in_transaction_session_timeout")))
    database.close()

    assert limits == ["1min", "5s"]
