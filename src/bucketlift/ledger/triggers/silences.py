"""The detection of silence: when files are expected, up to which time this was checked, and the notices if no
file arrived.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.triggers.notices import put
from bucketlift.model.lifecycle import RunState
from bucketlift.model.notice import Notice
from bucketlift.model.run import LISTING_NOTHING

_marks, _runs, _claims, _sources = tables.schedules, tables.runs, tables.claims, tables.source_objects

PURPOSE = "silent"
"""The purpose of the marks of silence detection: the first argument of ``mark_of``."""
LATE = "late"
"""The purpose of the marks of late runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceMark:
    """The time up to which a workflow was checked for missing files."""

    until: datetime
    missed: datetime | None = None
    """The expected time for which the last check reported that no file had arrived; otherwise None."""


class Silences:
    """The stored times of silence detection: up to which time each expectation was checked.

    Each check covers the time since the previous check, so that every file counts exactly once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def marks(self, purpose: str = PURPOSE) -> dict[tuple[str, str], SilenceMark]:
        """Return the stored time of each expectation, by workflow and by the expectation's name."""
        ours = sa.select(_marks).where(_marks.c.schedule.startswith(f"{purpose}:"))
        with self._database.reading() as connection:
            rows = connection.execute(ours).all()
        return {
            (row.workflow, row.schedule): SilenceMark(until=until, missed=aware(row.missed))
            for row in rows
            if (until := aware(row.settled_until))
        }

    def begin(self, workflow: str, mark: str, *, now: datetime) -> None:
        """Start checking an expectation from now on, unless it is checked already."""
        with self._database.writing() as connection:
            if connection.scalar(sa.select(_marks.c.schedule).where(_is(workflow, mark))) is None:
                values = {"workflow": workflow, "schedule": mark, "settled_until": now}
                connection.execute(sa.insert(_marks).values(**values))

    def forget(self, marks: Collection[tuple[str, str]]) -> None:
        """Stop checking these expectations. If one is added again, it is checked from that time on."""
        with self._database.writing() as connection:
            for workflow, mark in marks:
                connection.execute(sa.delete(_marks).where(_is(workflow, mark)))

    def settle(
        self, workflow: str, mark: str, *, since: datetime, now: SilenceMark, notices: Sequence[Notice]
    ) -> bool:
        """Record how far an expectation was checked, and store its notices, in one transaction.

        Returns False if another process has recorded this already.
        """
        still = sa.and_(_is(workflow, mark), _marks.c.settled_until == since)
        with self._database.writing() as connection:
            values = {"settled_until": now.until, "missed": now.missed}
            moved = connection.execute(sa.update(_marks).where(still).values(**values)).rowcount == 1
            if moved:
                put(connection, notices)
            return moved

    def has_unfinished_run(self, workflow: str, *, since: datetime) -> bool:
        """Whether a run that was requested after this time has not ended yet."""
        query = sa.select(_runs.c.id).where(
            _runs.c.workflow == workflow,
            _runs.c.state.in_((RunState.QUEUED.value, RunState.RUNNING.value)),
            _runs.c.asked_at > since,
        )
        with self._database.reading() as connection:
            return connection.scalar(query.limit(1)) is not None

    def has_ended(self, workflow: str, *, since: datetime) -> bool:
        """Whether a run that looks for files was requested or started at this time or later, and ended.

        A run that was running already may have listed the files before.
        """
        query = sa.select(_runs.c.id).where(
            _runs.c.workflow == workflow,
            _runs.c.finished_at >= since,
            sa.or_(
                _runs.c.asked_at >= since, sa.func.coalesce(_runs.c.started_at, _runs.c.finished_at) >= since
            ),
            _runs.c.trigger.not_in(LISTING_NOTHING),
        )
        with self._database.reading() as connection:
            return connection.scalar(query.limit(1)) is not None

    def durations(self, workflow: str, *, limit: int) -> tuple[timedelta, ...]:
        """Return how long the last runs of a workflow took, newest first."""
        query = (
            sa.select(_runs.c.started_at, _runs.c.finished_at)
            .where(
                _runs.c.workflow == workflow,
                _runs.c.started_at.is_not(None),
                _runs.c.finished_at.is_not(None),
                _runs.c.trigger.not_in(LISTING_NOTHING),
            )
            .order_by(_runs.c.asked_at.desc())
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return tuple(row.finished_at - row.started_at for row in rows)

    def arrived(self, workflow: str, *, since: datetime) -> bool:
        """Whether a file of the workflow was found or loaded after this time, in any state.

        Files that were in the bucket before the workflow was enabled do not count.
        """
        query = (
            sa.select(_claims.c.id)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(
                _claims.c.workflow == workflow,
                sa.or_(_sources.c.found_at > since, _claims.c.loaded_at > since),
                _claims.c.reason.is_distinct_from("before-start"),
            )
        )
        with self._database.reading() as connection:
            return connection.scalar(query.limit(1)) is not None


def _is(workflow: str, mark: str) -> sa.ColumnElement[bool]:
    return sa.and_(_marks.c.workflow == workflow, _marks.c.schedule == mark)
