"""A ledger of the version before is brought up to date, and so is its backup."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bucketlift.ledger import migrations
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.revision import of_file, of_url
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.maintenance.backup import Backups
from bucketlift.ledger.migrations import HEAD
from bucketlift.ledger.secrets.secrets import Secrets
from bucketlift.model.account import VaultSecret
from bucketlift.vault import Vault
from builders import NOON

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("migrated")]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """As the first version left it."""
    path = tmp_path / "older.sqlite"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    return path


def as_backup(path: Path) -> Path:
    """The label that its own `db backup` would have given it."""
    label = (1, "0001", "of the first version", NOON.isoformat(), json.dumps({"secrets": 0}))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE backup (format, revision, installation, made_at, rows)")
        connection.execute("INSERT INTO backup VALUES (?, ?, ?, ?, ?)", label)
    return path


def test_it_is_told_where_a_ledger_stands_before_it_is_opened(older, tmp_path):
    before = (of_file(tmp_path / "nothing"), of_file(older))
    open_file(older).close()

    assert (before, of_file(older)) == ((None, "0001"), HEAD)


def test_a_ledger_that_cannot_be_reached_stands_nowhere():
    assert of_url("postgresql://nobody@127.0.0.1:9/nothing") is None


def test_an_older_backup_is_brought_up_to_date_in_a_copy(older, database: Database, tmp_path):
    backup = as_backup(older)
    before = backup.read_bytes()

    Backups(database).restore(backup, folder=tmp_path, now=NOON)

    assert database.revision() == HEAD
    assert Secrets(database).names() == ()
    assert backup.read_bytes() == before


def test_secrets_of_the_first_version_open_and_rotate(older, tmp_path):
    database = open_file(older)
    vault = Vault(Secrets(database), tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    with Secrets(database).changing() as shelf:
        shelf.set_key_check(None)

    vault.check_key()
    vault.rotate(now=NOON)

    assert vault.reveal(VaultSecret(secret="lab")) == "v"
    assert Secrets(database).key_check() is not None
    database.close()
