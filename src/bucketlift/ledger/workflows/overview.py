"""An overview of all workflows: last runs, last files, and files that need a decision."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import PENDING
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.runs.runs import UNFINISHED
from bucketlift.ledger.tables.objects import IN_NEED
from bucketlift.model.lifecycle import Outcome
from bucketlift.model.run import LISTING_NOTHING, RunId

_runs, _claims, _outbox, _sources = tables.runs, tables.claims, tables.outbox, tables.source_objects
_workflows = tables.workflows
UNREVIEWED = sa.select(_runs.c.workflow).where(_runs.c.unusual, _runs.c.reviewed_at.is_(None)).distinct()
"""Selects the workflows with an unusual run that no person reviewed. The index ``runs_unreviewed`` has the same
condition.
"""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    id: RunId
    outcome: Outcome
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    rows: int | None = None
    """Number of loaded rows; None until the run ends."""
    usual_rows: int | None = None
    unusual: bool = False
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastFile:
    """The file of a workflow that was found last."""

    key: str
    found_at: datetime


class Overview:
    """Read-only queries, each about all workflows in one statement.

    For each workflow, an index gives the place of the newest rows, so that a long history costs nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_runs(self) -> dict[str, LastRun]:
        """Return the most recently requested run of each workflow."""
        return {workflow: runs[0] for workflow, runs in self._newest(1).items()}

    def last_ended(self) -> dict[str, LastRun]:
        """Return the last run of each workflow that ended."""
        ended = self._newest(1, lambda runs: runs.finished_at.is_not(None))
        return {workflow: runs[0] for workflow, runs in ended.items()}

    def last_loaded(self, workflows: Collection[str] | None = None) -> dict[str, LastRun]:
        """Return the last run of each workflow, or of each of these, that loaded files."""
        loaded = self._newest(1, lambda runs: runs.files > 0, workflows)
        return {workflow: runs[0] for workflow, runs in loaded.items()}

    def unreviewed(self) -> frozenset[str]:
        """Return the workflows that have a run with an unusual number of rows that no person reviewed."""
        with self._database.reading() as connection:
            return frozenset(connection.scalars(UNREVIEWED))

    def recent_runs(self, workflows: Collection[str], *, count: int) -> dict[str, tuple[LastRun, ...]]:
        """Return the most recently requested runs of these workflows, newest first."""
        return self._newest(count, workflows=workflows)

    def unfinished(self) -> frozenset[str]:
        """Return the workflows that have a queued or running run."""
        query = sa.select(_runs.c.workflow).where(_runs.c.state.in_(UNFINISHED)).distinct()
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def last_looked(self, workflows: Collection[str]) -> dict[str, datetime]:
        """Return when the last ended run that looks for files was requested or started, whichever is later, for
        these workflows.
        """
        started = sa.func.max(sa.func.coalesce(_runs.c.started_at, _runs.c.finished_at)).label("started")
        query = (
            sa.select(_runs.c.workflow, sa.func.max(_runs.c.asked_at).label("asked"), started)
            .where(
                _runs.c.workflow.in_(workflows),
                _runs.c.finished_at.is_not(None),
                _runs.c.trigger.not_in(LISTING_NOTHING),
            )
            .group_by(_runs.c.workflow)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.workflow: max(filter(None, map(aware, (row.asked, row.started)))) for row in rows}

    def last_files(self, workflows: Collection[str]) -> dict[str, LastFile]:
        """Return the file that was found last, for each of these workflows that has files."""
        newest = (
            sa.select(sa.func.max(_claims.c.source))
            .where(_claims.c.workflow == _workflows.c.key)
            .scalar_subquery()
        )
        last = (
            sa.select(_workflows.c.key.label("workflow"), newest.label("source"))
            .where(_workflows.c.key.in_(workflows))
            .subquery()
        )
        query = sa.select(last.c.workflow, _sources.c.key, _sources.c.found_at).join(
            _sources, _sources.c.id == last.c.source
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {
            row.workflow: LastFile(key=row.key, found_at=aware(row.found_at) or row.found_at) for row in rows
        }

    def attention(self) -> dict[str, int]:
        """Count the files that need a decision, by workflow."""
        query = (
            sa.select(_claims.c.workflow, sa.func.count().label("files"))
            .where(IN_NEED)
            .group_by(_claims.c.workflow)
        )
        with self._database.reading() as connection:
            return {row.workflow: row.files for row in connection.execute(query)}

    def pending_actions(self, workflow: str) -> int:
        """Count a workflow's pending actions: deletes, moves and renames."""
        mine = (_outbox.c.workflow == workflow) & _outbox.c.state.in_(PENDING)
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).where(mine)) or 0

    def _newest(
        self,
        count: int,
        fits: Callable[[Any], sa.ColumnElement[bool]] = lambda _: sa.true(),
        workflows: Collection[str] | None = None,
    ) -> dict[str, tuple[LastRun, ...]]:
        """Return the newest ``count`` runs of each workflow that fit.

        A subquery finds the time of the oldest of them in the index; the join reads only from this time on.
        """
        older = _runs.alias("older").c
        first = (
            sa.select(older.asked_at)
            .where(older.workflow == _workflows.c.key, fits(older))
            .order_by(older.asked_at.desc())
            .offset(count - 1)
            .limit(1)
            .correlate(_workflows)
            .scalar_subquery()
        )
        # A workflow without any fitting run has no first one, so the join reads none of its runs.
        oldest = first if count == 1 else sa.func.coalesce(first, _LONG_AGO)
        since = sa.select(_workflows.c.key, oldest.label("first")).where(_workflows.c.deleted_at.is_(None))
        if workflows is not None:
            since = since.where(_workflows.c.key.in_(workflows))
        # PostgreSQL would otherwise run the subquery for each row of the join.
        each = since.cte("since").prefix_with("MATERIALIZED", dialect="postgresql")
        names = ("workflow", "id", "state", "outcome", "asked_at", "started_at", "finished_at")
        query = (
            sa.select(*(_runs.c[name] for name in (*names, "rows", "usual_rows", "unusual", "reviewed_at")))
            .join_from(each, _runs, _runs.c.workflow == each.c.key)
            .where(_runs.c.asked_at >= each.c.first, fits(_runs.c))
            .order_by(_runs.c.workflow, _runs.c.asked_at.desc(), _runs.c.id.desc())
        )
        found: dict[str, list[LastRun]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.workflow, []).append(_last(row))
        return {workflow: tuple(runs[:count]) for workflow, runs in found.items()}


def _last(row: sa.Row[Any]) -> LastRun:
    return LastRun(
        id=RunId(row.id),
        outcome=Outcome(row.outcome or row.state),
        asked_at=aware(row.asked_at) or row.asked_at,
        started_at=aware(row.started_at),
        finished_at=aware(row.finished_at),
        rows=row.rows,
        usual_rows=row.usual_rows,
        unusual=row.unusual,
        reviewed_at=aware(row.reviewed_at),
    )
