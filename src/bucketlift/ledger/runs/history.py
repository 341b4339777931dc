"""Earlier runs, page by page, and daily sums of their counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.model.lifecycle import Outcome, RunState
from bucketlift.model.run import RunId

_runs = tables.runs.c
_OUTCOME = sa.func.coalesce(_runs.outcome, _runs.state)
LONGEST_RUN = timedelta(days=2)
"""Maximum time from the request of a run to its end. It limits the search to recent rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Selects runs. A run must match every field of the filter that is set."""

    workflow: str | None = None
    outcomes: Collection[Outcome] = ()
    trigger: str | None = None
    """The first word of the run's trigger: demand, schedule, after, event, outbox or replay."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run without its summary, which can be large."""

    id: RunId
    workflow: str
    trigger: str
    state: RunState
    outcome: Outcome
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_asked_at: datetime | None
    newly_held: int
    files: int | None
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Sums of the runs that ended on one day (UTC)."""

    day: date
    runs: int
    with_issues: int
    failed: int
    files: int
    rows: int


class History:
    """Read-only queries for earlier runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, filters: RunFilter, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[PastRun, ...]:
        """Return runs, newest first. ``before`` is the request time and ID of the last run of the previous page."""
        columns: list[sa.ColumnElement[Any]] = [
            _runs[name] for name in PastRun.__dataclass_fields__ if name != "outcome"
        ]
        columns.append(_OUTCOME.label("outcome"))
        found = sa.select(*columns).where(*_conditions(filters))
        if before is not None:
            moment, last = before
            found = found.where(
                sa.or_(_runs.asked_at < moment, sa.and_(_runs.asked_at == moment, _runs.id < last))
            )
        newest = found.order_by(_runs.asked_at.desc(), _runs.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(_past(row) for row in connection.execute(newest))

    def loaded_rows(self, workflow: str, *, since: datetime, limit: int) -> tuple[tuple[datetime, int], ...]:
        """Return the request times and rows of the runs that succeeded and loaded files, newest first. Runs with
        issues are left out, because they may have loaded only a part.
        """
        query = (
            sa.select(_runs.asked_at, _runs.rows)
            .where(
                _runs.workflow == workflow,
                _runs.asked_at >= since,
                _runs.outcome == Outcome.SUCCEEDED.value,
                _runs.files > 0,
            )
            .order_by(_runs.asked_at.desc())
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return tuple((aware(row.asked_at) or row.asked_at, row.rows) for row in rows)

    def days(self, filters: RunFilter, *, since: datetime) -> tuple[Day, ...]:
        """Return the days on which runs ended, oldest first."""
        day = sa.func.date(_runs.finished_at)
        found = (
            sa.select(
                day.label("day"),
                sa.func.count().label("runs"),
                _count(Outcome.SUCCEEDED_WITH_ISSUES).label("with_issues"),
                _count(Outcome.FAILED).label("failed"),
                _sum(_runs.files).label("files"),
                _sum(_runs.rows).label("rows"),
            )
            .where(*_conditions(filters), _runs.finished_at >= since, _runs.asked_at >= since - LONGEST_RUN)
            .group_by(day)
            .order_by(day)
        )
        with self._database.reading() as connection:
            return tuple(
                Day(
                    day=_day(row.day),
                    runs=row.runs,
                    with_issues=row.with_issues,
                    failed=row.failed,
                    files=row.files,
                    rows=row.rows,
                )
                for row in connection.execute(found)
            )


def _conditions(filters: RunFilter) -> list[sa.ColumnElement[bool]]:
    fits: list[sa.ColumnElement[bool]] = []
    if filters.workflow is not None:
        fits.append(_runs.workflow == filters.workflow)
    if filters.outcomes:
        fits.append(_OUTCOME.in_([each.value for each in filters.outcomes]))
    if filters.trigger is not None:
        word = filters.trigger
        fits.append(sa.or_(_runs.trigger == word, _runs.trigger.startswith(f"{word} ", autoescape=True)))
    if filters.since is not None:
        fits.append(_runs.asked_at >= filters.since)
    if filters.until is not None:
        fits.append(_runs.asked_at < filters.until)
    return fits


def _sum(column: sa.ColumnElement[Any]) -> sa.Cast[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


def _count(outcome: Outcome) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((_runs.outcome == outcome.value, 1)))


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _past(row: sa.Row[Any]) -> PastRun:
    times = {
        name: aware(getattr(row, name))
        for name in ("asked_at", "started_at", "finished_at", "cancel_asked_at")
    }
    values = row._asdict() | times
    return PastRun(
        **{**values, "id": RunId(row.id), "state": RunState(row.state), "outcome": Outcome(row.outcome)}
    )
