"""Deletes old runs and notices from the ledger in small steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.model.notice import NoticeState

_runs, _notices, _manifests, _marks = tables.runs, tables.notices, tables.manifests, tables.schedules

RUNS = 100
"""Maximum number of runs that one step checks."""
NOTICES = 500
RECENT = 12
"""Number of the newest runs of each workflow that are always kept, because retries and notices need them."""

Place = tuple[datetime, str]
"""The end and the ID of the last run that a step checked. The next step continues after this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """What one step deleted."""

    runs: int
    emptied: int
    """Number of runs that lost only their logs and lists of files. The runs themselves stay, because files or
    receipts refer to them.
    """
    after: Place | None
    """The place after which the next step continues; None if there are no more old runs."""


class Trimming:
    """Deletes old history.

    Unfinished runs, unsent notices, and rows to which other rows refer are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def notices(self, before: datetime) -> int:
        """Delete some of the notices that are sent or given up and were created before a time.

        Returns the number of deleted notices.
        """
        old = (
            sa.select(_notices.c.id)
            .where(_notices.c.state != NoticeState.WAITING.value, _notices.c.made_at < before)
            .limit(NOTICES)
        )
        with self._database.reading() as connection:
            ids = connection.scalars(old).all()
        if ids:
            with self._database.writing() as connection:
                connection.execute(sa.delete(_notices).where(_notices.c.id.in_(ids)))
        return len(ids)

    def runs(self, before: datetime, *, after: Place | None = None) -> Trimmed:
        """Delete some of the runs that ended before a time, oldest first.

        Runs to which other rows refer are kept. No new row refers to a run that has ended, so the check and
        the deletion can be separate transactions.
        """
        with self._database.reading() as connection:
            old = connection.execute(_old(before, after)).all()
            needed = _needed(connection, [row.id for row in old], {row.workflow for row in old})
        recent = needed.recent
        emptied = [row.id for row in old if row.id not in recent]
        gone = [run for run in emptied if run not in needed.named]
        changed = self._empty(emptied)
        with self._database.writing() as connection:
            connection.execute(sa.delete(tables.events).where(tables.events.c.run.in_(gone)))
            connection.execute(sa.delete(_runs).where(_runs.c.id.in_(gone)))
        last = old[-1] if len(old) == RUNS else None
        return Trimmed(
            runs=len(gone),
            emptied=len(changed.difference(gone)),
            after=None if last is None else (aware(last.finished_at) or last.finished_at, last.id),
        )

    def _empty(self, runs: Sequence[str]) -> set[str]:
        """Delete the logs and lists of files of these runs, batch by batch. Returns the runs that had logs or
        lists.
        """
        changed: set[str] = set()
        for run in runs:
            with self._database.reading() as connection:
                batches = connection.execute(
                    sa.select(_manifests.c.task, _manifests.c.batch).where(_manifests.c.run == run).distinct()
                ).all()
            for task, batch in batches:
                some = sa.and_(
                    _manifests.c.run == run, _manifests.c.task == task, _manifests.c.batch == batch
                )
                with self._database.writing() as connection:
                    connection.execute(sa.delete(_manifests).where(some))
            with self._database.writing() as connection:
                lines = connection.execute(sa.delete(tables.run_log).where(tables.run_log.c.run == run))
            if batches or lines.rowcount:
                changed.add(run)
        return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needed:
    recent: Collection[str]
    """The IDs of recent runs, which are kept unchanged."""
    named: Collection[str]
    """The IDs of runs to which files, receipts or actions refer. These need the run's workflow version."""


def _old(before: datetime, after: Place | None) -> sa.Select[tuple[str, str, datetime]]:
    """Select runs that ended before a time.

    A run is left out if its notices are not planned yet, or if the workflows that start after it are not
    queued yet.
    """
    followers = sa.exists().where(_marks.c.schedule.startswith("after:"))
    query = (
        sa.select(_runs.c.id, _runs.c.workflow, _runs.c.finished_at)
        .where(_runs.c.noticed, _runs.c.finished_at < before)
        .where(sa.or_(_runs.c.followed, ~followers))
        .order_by(_runs.c.finished_at, _runs.c.id)
        .limit(RUNS)
    )
    if after is None:
        return query
    ended, run = after
    later = sa.or_(_runs.c.finished_at > ended, sa.and_(_runs.c.finished_at == ended, _runs.c.id > run))
    return query.where(later)


def _needed(connection: sa.Connection, runs: Collection[str], workflows: Iterable[str]) -> _Needed:
    outbox = tables.outbox
    named = (
        sa.select(tables.claims.c.run).where(tables.claims.c.run.in_(runs)),
        sa.select(tables.receipts.c.run).where(tables.receipts.c.run.in_(runs)),
        sa.select(tables.replay_receipts.c.run).where(tables.replay_receipts.c.run.in_(runs)),
        sa.select(outbox.c.held_by).where(outbox.c.held_by.in_(runs)),
    )
    recent = {
        run
        for workflow in workflows
        for run in connection.scalars(
            sa.select(_runs.c.id)
            .where(_runs.c.workflow == workflow, _runs.c.finished_at.is_not(None))
            .order_by(_runs.c.finished_at.desc(), _runs.c.id.desc())
            .limit(RECENT)
        )
    }
    return _Needed(
        recent=recent, named={str(run) for query in named for run in connection.scalars(query.distinct())}
    )
