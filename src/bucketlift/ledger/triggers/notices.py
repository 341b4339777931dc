"""Notices. They are stored with the runs that they report, and only one process at a time sends a notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.json_codec import dump, load_channel
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, Row, claim_of, stored
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import FileState
from bucketlift.model.notice import Channel, Notice, NoticeState
from bucketlift.model.run import Run, RunId

_notices, _runs, _claims, _sources = tables.notices, tables.runs, tables.claims, tables.source_objects

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480, 480))
"""The waits after failed attempts, about a day in total. After the last wait there is one more attempt."""


class Notices:
    """The notices of all workflows: waiting, sent or given up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unplanned(self, *, limit: int = 100) -> tuple[RunId, ...]:
        """Return ended runs whose notices are not stored yet, oldest first."""
        query = (
            sa.select(_runs.c.id)
            .where(_runs.c.noticed.is_(False), _runs.c.finished_at.is_not(None))
            .order_by(_runs.c.finished_at)
        )
        with self._database.reading() as connection:
            return tuple(RunId(run) for run in connection.scalars(query.limit(limit)))

    def plan(self, run: RunId, notices: Sequence[Notice]) -> bool:
        """Store all notices of a run at once. Returns False if another process has stored them already."""
        with self._database.writing() as connection:
            taken = connection.execute(
                sa.update(_runs).where(_runs.c.id == run, _runs.c.noticed.is_(False)).values(noticed=True)
            )
            if taken.rowcount == 1:
                put(connection, notices)
            return taken.rowcount == 1

    def before(self, run: Run) -> RunId | None:
        """Return the last run of the same workflow that ended before this one."""
        query = (
            sa.select(_runs.c.id)
            .where(
                _runs.c.workflow == run.workflow, _runs.c.id != run.id, _runs.c.finished_at < run.finished_at
            )
            .order_by(_runs.c.finished_at.desc())
        )
        with self._database.reading() as connection:
            found = connection.scalar(query.limit(1))
            return None if found is None else RunId(found)

    def held_by(self, run: RunId, *, limit: int) -> tuple[Claim, ...]:
        """Return the files that need a decision after this run, ordered by key."""
        manifest = sa.select(tables.manifests.c.claim).where(tables.manifests.c.run == run)
        actions = sa.select(tables.outbox.c.claim).where(tables.outbox.c.held_by == run)
        files = sa.and_(
            _claims.c.id.in_(manifest),
            _claims.c.state.in_(stored((FileState.HELD, FileState.ARCHIVED_TIER))),
        )
        query = (
            sa.select(*CLAIM_COLUMNS)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(sa.or_(files, _claims.c.id.in_(actions)))
            .order_by(_sources.c.bucket, _sources.c.key, _claims.c.id)
        )
        with self._database.reading() as connection:
            return tuple(claim_of(row) for row in connection.execute(query.limit(limit)))

    def is_due(self, now: datetime) -> bool:
        """Whether a notice is due."""
        query = sa.select(_notices.c.id).where(_due(now)).limit(1)
        with self._database.reading() as connection:
            return connection.scalar(query) is not None

    def take(self, now: datetime) -> Notice | None:
        """Take the notice that has been due longest. Other callers do not get it until the next attempt is
        due.

        If the sender dies after sending and before ``sent``, the notice is sent again: delivery is at least
        once.
        """
        with self._database.writing() as connection:
            row = connection.execute(
                sa.select(_notices).where(_due(now)).order_by(_notices.c.due_at, _notices.c.id).limit(1)
            ).first()
            if row is None:
                return None
            values = {"tries": row.tries + 1, "due_at": now + WAITS[min(row.tries, len(WAITS) - 1)]}
            connection.execute(sa.update(_notices).where(_notices.c.id == row.id).values(**values))
            return _notice(connection.execute(sa.select(_notices).where(_notices.c.id == row.id)).one())

    def sent(self, notice: str, *, now: datetime) -> None:
        self._set(notice, state=NoticeState.SENT.value, note=None, sent_at=now)

    def failed(self, notice: Notice, note: str) -> None:
        """Record why an attempt failed. After the last attempt the notice is given up."""
        over = notice.tries > len(WAITS)
        state = NoticeState.GIVEN_UP if over else NoticeState.WAITING
        self._set(notice.id, state=state.value, note=note)

    def find(self, *, workflow: str | None = None, limit: int = 50) -> tuple[Notice, ...]:
        """Return notices, newest first."""
        query = sa.select(_notices).order_by(_notices.c.made_at.desc(), _notices.c.id)
        if workflow is not None:
            query = query.where(_notices.c.workflow == workflow)
        with self._database.reading() as connection:
            return tuple(_notice(row) for row in connection.execute(query.limit(limit)))

    def _set(self, notice: str, **values: object) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.update(_notices).where(_notices.c.id == notice).values(**values))


def _due(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition for due notices.

    A due time that is further away than the longest wait was set before the clock was set back. Such a notice
    is due.
    """
    at = sa.or_(_notices.c.due_at <= now, _notices.c.due_at > now + max(WAITS))
    return sa.and_(_notices.c.state == NoticeState.WAITING.value, at)


def put(connection: sa.Connection, notices: Sequence[Notice]) -> None:
    """Store notices in an open transaction."""
    rows = [
        {
            "id": each.id,
            "workflow": each.workflow,
            "run": each.run,
            "occasion": each.occasion,
            "channel": dump(Channel, each.channel),
            "body": each.body,
            "state": each.state.value,
            "tries": each.tries,
            "made_at": each.made_at,
            "due_at": each.due_at,
        }
        for each in notices
    ]
    if rows:
        connection.execute(sa.insert(_notices), rows)


def _notice(row: Row) -> Notice:
    made_at, due_at = aware(row.made_at), aware(row.due_at)
    assert made_at is not None  # noqa: S101 - the columns are not nullable
    assert due_at is not None  # noqa: S101
    return Notice(
        id=row.id,
        workflow=row.workflow,
        run=row.run,
        occasion=row.occasion,
        channel=load_channel(row.channel),
        body=row.body,
        made_at=made_at,
        due_at=due_at,
        state=NoticeState(row.state),
        tries=row.tries,
        note=row.note,
        sent_at=aware(row.sent_at),
    )
