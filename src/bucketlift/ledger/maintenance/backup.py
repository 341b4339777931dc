"""Backups of a ledger, and what becomes of one that is put back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bucketlift.errors import RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.claims.pauses import SLACK, stored_pause
from bucketlift.ledger.db.copying import clear, copy, take_time
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.maintenance.backup_file import Label, new_backup, opened, read_label, write_label
from bucketlift.ledger.migrations import HEAD
from bucketlift.ledger.runs.workers import Workers
from bucketlift.ledger.triggers.silences import PURPOSE
from bucketlift.model.notice import NoticeState
from bucketlift.model.pause import Pause
from bucketlift.model.worker import STALE

TOKENS = 1_000_000
"""By so much the leases' numbers are raised: whoever held one before the restore is refused."""
_OF_PROCESSES = (tables.workers, tables.slots, tables.advances)
_OF_BROWSERS = (tables.sessions, tables.links, tables.tries)
"""A session or link that ended since must not come back."""


class Backups:
    """Whole ledgers in files of their own, from and to SQLite and PostgreSQL alike."""

    def __init__(self, database: Database, workers: Workers | None = None) -> None:
        self._database = database
        self._workers = workers or Workers(database)

    def write(self, path: Path, *, now: datetime) -> Label:
        """Keep the ledger as it stands at one moment; whoever works goes on meanwhile.

        Raises:
            RequestWrong: there is something of that name already, or it cannot be written there.
        """
        with new_backup(path) as backup:
            with self._database.reading() as source, backup.writing() as to:
                take_time(source)
                clear(to)
                rows = copy(source, to)
                installation = to.scalar(sa.select(tables.installation.c.id))
            label = Label(revision=HEAD, installation=str(installation), made_at=now, rows=rows)
            write_label(backup, label)
        return label

    def inspect(self, path: Path) -> Label:
        """What a backup says of itself.

        Raises:
            RequestWrong: it is no backup, is damaged, or was made by a newer version.
        """
        return read_label(path)

    def restore(self, path: Path, *, beside: Path, now: datetime) -> Label:
        """Put a backup in the place of all that the ledger holds, in one transaction; the outbox is paused.

        ``beside``: a folder of our own for a copy of the file.

        Raises:
            RequestWrong: the file is no backup of this or an older version, or a process is at work.
        """
        label = read_label(path)
        with (
            opened(path, beside=beside) as backup,
            backup.reading() as source,
            self._database.writing() as to,
        ):
            take_time(to)
            _require_rest(self._workers)
            clear(to)
            copy(source, to, leave_out=_OF_PROCESSES + _OF_BROWSERS)
            leases = tables.leases
            to.execute(sa.update(leases).values(holder=None, token=leases.c.token + TOKENS))
            _pause(to, label.made_at, now)
            _tell_nothing_old(to, label.made_at, now)
        return label


def _require_rest(workers: Workers) -> None:
    """Refuse while a process is at work: it would go on with what it knows of the former ledger."""
    found = [each for each in workers.all() if each.fresh]
    if found:
        raise RequestWrong(
            "A process is at work on this ledger",
            to=", ".join(f"{each.name} ({each.kind.value}, process {each.id})" for each in found),
            hint=f"Stop it and try again; in a fleet, one that was killed counts for {STALE.seconds} seconds.",
        )


def _tell_nothing_old(connection: sa.Connection, made_at: datetime, now: datetime) -> None:
    """What waited in the backup may have been sent since, and what arrived since is lost: both are let be."""
    notices, marks = tables.notices, tables.schedules
    note = f"Given up: it waited in a backup of {made_at:%Y-%m-%d %H:%M} UTC, and may have been sent since"
    waiting = notices.c.state == NoticeState.WAITING.value
    given_up = {"state": NoticeState.GIVEN_UP.value, "note": note}
    connection.execute(sa.update(notices).where(waiting).values(given_up))
    silences = marks.c.schedule.startswith(f"{PURPOSE}:")
    connection.execute(sa.update(marks).where(silences).values(settled_until=now))


def _pause(connection: sa.Connection, made_at: datetime, now: datetime) -> None:
    before = connection.scalar(sa.select(tables.installation.c.paused))
    look_from = made_at - SLACK
    if before is not None:
        look_from = min(look_from, datetime.fromisoformat(before["look_from"]))
    what = f"The ledger was restored from a backup of {made_at:%Y-%m-%d %H:%M} UTC"
    pause = Pause(what=what, paused_at=now, look_from=look_from)
    connection.execute(sa.update(tables.installation).values(paused=stored_pause(pause)))
