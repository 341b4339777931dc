"""The file of a backup: a complete ledger in SQLite, with a label that describes it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bucketlift.errors import RequestWrong
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.migrations import HEAD

FORMAT = 1
_MAKE = "CREATE TABLE backup (format INTEGER, revision TEXT, installation TEXT, made_at TEXT, rows TEXT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The description of a backup, stored in its file."""

    revision: str
    installation: str
    made_at: datetime
    rows: Mapping[str, int]
    """Number of rows, by table."""


@contextmanager
def new_backup(path: Path) -> Iterator[Database]:
    """Create an empty ledger that becomes the backup at the end of the block.

    If the block fails, no file is left.

    Raises:
        RequestWrong: the file exists, or cannot be written.
    """
    _require_free(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        database = open_file(temporary)
        try:
            yield database
        finally:
            database.close()
        _make_whole(temporary)
        _publish(temporary, path)
    finally:
        for each in (temporary, *(Path(f"{temporary}-{end}") for end in ("wal", "shm", "journal"))):
            with suppress(OSError):
                each.unlink(missing_ok=True)


def write_label(database: Database, label: Label) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(_MAKE)
        connection.exec_driver_sql(
            "INSERT INTO backup VALUES (?, ?, ?, ?, ?)",
            (
                FORMAT,
                label.revision,
                label.installation,
                label.made_at.isoformat(),
                json.dumps(dict(label.rows)),
            ),
        )


def read_label(path: Path) -> Label:
    """Check that a backup's file is complete, and read its label.

    Raises:
        RequestWrong: the file is not a backup, is damaged, or was made by a newer version.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(
                "SELECT format, revision, installation, made_at, rows FROM backup"
            ).fetchone()
            label = _label(path, row)
            _require_whole(connection, label)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise RequestWrong(
            f"The file is not a backup of Bucketlift, or is damaged ({error})",
            to=str(path),
            hint="Use a file made by `bucketlift db backup`.",
        ) from error
    return label


@contextmanager
def opened(path: Path, *, folder: Path) -> Iterator[Database]:
    """Open a copy of a backup, and migrate the copy. The backup's file is not changed."""
    copy = folder / f"restoring-{secrets.token_hex(4)}.sqlite"
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(path, copy)
        database = open_file(copy)
        try:
            yield database
        finally:
            database.close()
    finally:
        for each in folder.glob(f"{copy.name}*"):
            each.unlink(missing_ok=True)


def _label(path: Path, row: tuple[int, str, str, str, str] | None) -> Label:
    if row is None:
        raise sqlite3.DatabaseError("it has no label")
    number, revision, installation, made_at, rows = row
    if number > FORMAT or revision > HEAD:
        raise RequestWrong(
            "This backup was made by a newer Bucketlift",
            to=str(path),
            hint="Use that version, or restore a backup made by this version.",
        )
    return Label(
        revision=revision,
        installation=installation,
        made_at=datetime.fromisoformat(made_at),
        rows=json.loads(rows),
    )


def _require_whole(connection: sqlite3.Connection, label: Label) -> None:
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise sqlite3.DatabaseError(answer)
    for table, rows in label.rows.items():
        (found,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - quoted
        if found != rows:
            raise sqlite3.DatabaseError(f"{found} of {rows} rows in {table}")


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise RequestWrong(
            "The file already exists, and it is not overwritten",
            to=str(path),
            hint="Name another file, or move this file away.",
        )
    if not path.parent.is_dir():
        raise RequestWrong(
            "The folder does not exist", to=str(path.parent), hint="Create the folder, or name another file."
        )


def _make_whole(path: Path) -> None:
    """Merge the write-ahead log into the file, and write the file to disk."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _publish(temporary: Path, path: Path) -> None:
    """Give the file its final name. If another file has this name by now, raise an error."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        _require_free(path)
        raise
    except OSError:
        temporary.rename(path)  # a file system without hard links
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
