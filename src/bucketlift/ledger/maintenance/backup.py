"""Makes and restores backups of a ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bucketlift.errors import RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.claims.pauses import SLACK, stored_pause
from bucketlift.ledger.db.copying import clear, copy, disable_idle_timeout
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.maintenance.backup_file import Label, new_backup, opened, read_label, write_label
from bucketlift.ledger.migrations import HEAD
from bucketlift.ledger.runs.workers import Workers
from bucketlift.ledger.triggers.silences import PURPOSE
from bucketlift.model.notice import NoticeState
from bucketlift.model.pause import Pause
from bucketlift.model.worker import STALE

TOKENS = 1_000_000
"""The number that a restore adds to lease tokens, so that writes with leases from before the restore are
refused.
"""
_OF_PROCESSES = (tables.workers, tables.slots, tables.advances)
_OF_BROWSERS = (tables.sessions, tables.links, tables.tries)
"""Tables that are not restored, because a session or link that ended after the backup must not become valid
again.
"""


class Backups:
    """Makes and restores backups. A backup is a SQLite file; the ledger can be SQLite or PostgreSQL."""

    def __init__(self, database: Database, workers: Workers | None = None) -> None:
        self._database = database
        self._workers = workers or Workers(database)

    def write(self, path: Path, *, now: datetime) -> Label:
        """Write one consistent state of the ledger to a new file. Other processes can use the ledger in the
        meantime.

        Raises:
            RequestWrong: the file exists, or cannot be written.
        """
        with new_backup(path) as backup:
            with self._database.reading() as source, backup.writing() as to:
                disable_idle_timeout(source)
                clear(to)
                rows = copy(source, to)
                installation = to.scalar(sa.select(tables.installation.c.id))
            label = Label(revision=HEAD, installation=str(installation), made_at=now, rows=rows)
            write_label(backup, label)
        return label

    def inspect(self, path: Path) -> Label:
        """Read a backup's label (its version, time, installation and numbers of rows).

        Raises:
            RequestWrong: the file is not a backup, is damaged, or was made by a newer version.
        """
        return read_label(path)

    def restore(self, path: Path, *, folder: Path, now: datetime) -> Label:
        """Replace the content of the ledger by a backup in one transaction, and pause the outbox.

        ``folder`` is where a temporary copy of the backup is made.

        Raises:
            RequestWrong: the file is not a backup, a newer version made it, or a worker process is running.
        """
        label = read_label(path)
        with (
            opened(path, folder=folder) as backup,
            backup.reading() as source,
            self._database.writing() as to,
        ):
            disable_idle_timeout(to)
            _require_no_process(self._workers)
            clear(to)
            copy(source, to, leave_out=_OF_PROCESSES + _OF_BROWSERS)
            leases = tables.leases
            to.execute(sa.update(leases).values(holder=None, token=leases.c.token + TOKENS))
            _pause(to, label.made_at, now)
            _abandon_notices(to, label.made_at, now)
        return label


def _require_no_process(workers: Workers) -> None:
    """Refuse the restore while a worker process is running, because it would continue with data of the former
    ledger.
    """
    found = [each for each in workers.all() if each.fresh]
    if found:
        raise RequestWrong(
            "A process is using this ledger",
            to=", ".join(f"{each.name} ({each.kind.value}, process {each.id})" for each in found),
            hint=f"Stop that process and try again. In a fleet, a killed process counts as running for {STALE.seconds} seconds.",
        )


def _abandon_notices(connection: sa.Connection, made_at: datetime, now: datetime) -> None:
    """Give up waiting notices, because they may have been sent after the backup was made.

    Also restart the detection of silence.
    """
    notices, marks = tables.notices, tables.schedules
    note = (
        f"Given up: restored from a backup of {made_at:%Y-%m-%d %H:%M} UTC, and may have been sent since then"
    )
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
