"""The doctor's checks of an existing SQLite file."""

from __future__ import annotations

from pathlib import Path

from bucketlift.errors import BucketliftError
from bucketlift.loaders.keeping import findings, reach_findings
from bucketlift.loaders.places import failed_check
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.error_translation import explained
from bucketlift.loaders.sqlite.keeping import causes, reaching
from bucketlift.loaders.sqlite.receipts import SqliteReceipts
from bucketlift.model.finding import Finding, Health
from bucketlift.rules.targets import RECEIPTS


def examine(connection: Connection, path: Path) -> tuple[Finding, ...]:
    """Check the file. Test writes are rolled back when the connection is closed."""
    with explained(str(path), path):
        connection.change("BEGIN IMMEDIATE")
        _write(connection)
    return (
        Finding(check="open", health=Health.OK, what="The file can be opened to read and write"),
        _receipts(connection, path),
        _durability(connection),
        *findings(causes(connection)),
        *reach_findings(reaching(connection)),
    )


def _write(connection: Connection) -> None:
    """Write the number again that is already stored, because the start of a transaction does not check the
    right to write.
    """
    [[version]] = connection.rows("PRAGMA main.user_version")
    connection.change(f"PRAGMA main.user_version = {version}")


def _receipts(connection: Connection, path: Path) -> Finding:
    try:
        with explained(f"table {RECEIPTS}", path):
            SqliteReceipts(connection=connection).make()
    except BucketliftError as error:
        return failed_check("receipts", error)
    return Finding(check="receipts", health=Health.OK, what=f"Receipts are kept in {RECEIPTS}")


def _durability(connection: Connection) -> Finding:
    [[journal]] = connection.rows("PRAGMA journal_mode")
    if journal in ("off", "memory"):
        return Finding(
            check="durability",
            health=Health.WARNING,
            what=f"journal_mode is {journal}: a crash can damage the database",
            hint="Run this statement in the database: PRAGMA journal_mode = DELETE",
        )
    what = f"SQLite writes a commit to the disk before it answers (journal_mode {journal}, synchronous EXTRA)"
    return Finding(check="durability", health=Health.OK, what=what)
