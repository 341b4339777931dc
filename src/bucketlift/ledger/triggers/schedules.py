"""The times up to which the runs of each trigger are queued, and the runs that are due. Several tickers queue
each run only once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import PENDING, count_from_now, delayed_before_clock_step
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.runs.runs import UNFINISHED, ask
from bucketlift.model.lifecycle import RunState
from bucketlift.model.run import OUTBOX, Run
from bucketlift.model.trigger import AfterWorkflow, OnEvent, mark, mark_of
from bucketlift.model.workflow import Workflow

_marks, _runs, _workflows, _outbox = tables.schedules, tables.runs, tables.workflows, tables.outbox

PAGE = 500
"""Maximum number of finished runs for which following runs are queued in one transaction."""
ACT_EVERY = timedelta(minutes=10)
"""Minimum time between two runs for the same due actions."""
ACT_AT_LEAST_EVERY = timedelta(hours=2)
"""The maximum of ``ACT_EVERY``, which doubles with each run that fails."""


class Schedules:
    """The marks of triggers. A mark is a time: the trigger's runs up to this time are queued."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def marks(self) -> dict[tuple[str, str], datetime]:
        """Return the time of each mark, by the workflow and the name of the mark."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_marks)).all()
        return {(row.workflow, row.schedule): moment for row in rows if (moment := aware(row.settled_until))}

    def begin(self, workflow: str, mark: str, *, now: datetime) -> None:
        """Add a mark with the present time for a new trigger, unless the workflow is disabled or deleted."""
        with self._database.writing() as connection:
            if _version_on(connection, workflow) is not None:
                _begin(connection, workflow, [mark], now)

    def settle(self, workflow: str, mark: str, *, settled: datetime, until: datetime) -> bool:
        """Set the time of a trigger's mark without queuing a run. Returns False if another process has
        changed the mark since it was read.
        """
        with self._database.writing() as connection:
            return _move(connection, workflow, mark, settled, until)

    def fire(
        self, workflow: str, mark: str, *, settled: datetime, until: datetime, trigger: str, now: datetime
    ) -> Run | None:
        """Set the time of a trigger's mark and queue a run, in one transaction.

        Returns None if another process has changed the mark, or if the workflow is disabled or deleted.
        """
        with self._database.writing() as connection:
            version = _version_on(connection, workflow)
            if version is None or not _move(connection, workflow, mark, settled, until):
                return None
            return ask(connection, workflow, version, trigger=trigger, now=now)

    def follow(self, followers: Iterable[tuple[str, AfterWorkflow]], *, now: datetime) -> tuple[Run, ...]:
        """Queue runs of workflows that start after other workflows: one for each run of these that ended
        since the last call.

        A run that ended before the follower's trigger was added does not count, nor does a run that only acts
        on files loaded earlier.
        """
        watched = list(followers)
        query = _runs.c.followed.is_(False) & _runs.c.finished_at.is_not(None)
        with self._database.reading() as connection:
            if connection.scalar(sa.select(_runs.c.id).where(query).limit(1)) is None:
                return ()
        with self._database.writing() as connection:
            select = sa.select(_runs).where(query).order_by(_runs.c.finished_at, _runs.c.id)
            finished = connection.execute(select.limit(PAGE)).all()
            done = sa.update(_runs).where(_runs.c.id.in_([run.id for run in finished]))
            connection.execute(done.values(followed=True))
            return tuple(
                asked
                for run in finished
                if run.trigger != OUTBOX
                for follower, after in watched
                if after.workflow == run.workflow and run.state in after.when
                if (asked := _follow(connection, follower, after, run, now)) is not None
            )

    def act(self, *, now: datetime) -> tuple[Run, ...]:
        """Queue runs for due actions, also for actions of disabled workflows.

        Actions that became due after the workflow's last run get a run immediately. Others are retried every
        ten minutes, and less often after failures.
        """
        with self._database.reading() as connection:
            if connection.scalar(sa.select(tables.installation.c.paused)) is not None:
                return ()
            put_off = connection.scalar(
                sa.select(_outbox.c.claim).where(delayed_before_clock_step(now)).limit(1)
            )
        if put_off is not None:
            count_from_now(self._database, now)
        with self._database.reading() as connection:
            due = connection.execute(_due(now)).all()
            waiting = [
                row
                for row in due
                if _is_time(
                    aware(row.due_at), aware(row.last), now, wait=_wait(_failed(connection, row.workflow))
                )
            ]
        if not waiting:
            return ()
        with self._database.writing() as connection:
            return tuple(
                ask(connection, row.workflow, row.version, trigger=OUTBOX, now=now)
                for row in waiting
                if not _is_busy(connection, row.workflow)
            )


def watch(connection: sa.Connection, workflow: Workflow, now: datetime) -> None:
    """Add a mark for each new trigger of the workflow, and delete the marks of its former triggers.

    A disabled workflow has no marks, so its triggers start runs only for times after it is enabled.
    """
    watched = [each for each in workflow.triggers if not isinstance(each, OnEvent)]
    query = [mark(each) for each in watched] if workflow.enabled else []
    gone = sa.delete(_marks).where(_marks.c.workflow == workflow.key, _marks.c.schedule.not_in(query))
    if workflow.enabled:
        gone = gone.where(_marks.c.schedule.like("schedule:%") | _marks.c.schedule.like("after:%"))
    connection.execute(gone)
    _begin(connection, workflow.key, query, now)


def forget(connection: sa.Connection, workflows: Iterable[str]) -> None:
    connection.execute(sa.delete(_marks).where(_marks.c.workflow.in_(list(workflows))))


def _begin(connection: sa.Connection, workflow: str, query: Iterable[str], now: datetime) -> None:
    known = set(connection.scalars(sa.select(_marks.c.schedule).where(_marks.c.workflow == workflow)))
    for each in dict.fromkeys(query):
        if each not in known:
            values = {"workflow": workflow, "schedule": each, "settled_until": now}
            connection.execute(sa.insert(_marks).values(**values))


def _move(connection: sa.Connection, workflow: str, mark: str, settled: datetime, until: datetime) -> bool:
    ours = (_marks.c.workflow == workflow) & (_marks.c.schedule == mark)
    moved = sa.update(_marks).where(ours, _marks.c.settled_until == settled).values(settled_until=until)
    return connection.execute(moved).rowcount == 1


def _version_on(connection: sa.Connection, workflow: str) -> int | None:
    """Return the version of the workflow to run; None if the workflow is disabled or deleted."""
    return connection.scalar(
        sa.select(_workflows.c.version).where(
            _workflows.c.key == workflow, _workflows.c.enabled, _workflows.c.deleted_at.is_(None)
        )
    )


def _follow(
    connection: sa.Connection,
    follower: str,
    after: AfterWorkflow,
    run: sa.Row[tuple[object, ...]],
    now: datetime,
) -> Run | None:
    query = sa.select(_marks.c.settled_until).where(
        _marks.c.workflow == follower, _marks.c.schedule == mark_of("after", after)
    )
    since, version = aware(connection.scalar(query)), _version_on(connection, follower)
    ended = aware(run.finished_at)
    # A mark in the future was made before the clock was set back: the run ended after it.
    if since is None or version is None or ended is None or ended < since <= now:
        return None
    return ask(connection, follower, version, trigger=f"after {run.workflow} {run.id}", now=now)


def _due(now: datetime) -> sa.Select[tuple[str, int, datetime, datetime]]:
    """Select the workflows with due actions, their newest due time, and the end of their last run."""
    last = sa.select(sa.func.max(_runs.c.finished_at)).where(_runs.c.workflow == _outbox.c.workflow)
    return (
        sa.select(
            _outbox.c.workflow,
            _workflows.c.version,
            sa.func.max(_outbox.c.due_at).label("due_at"),
            last.scalar_subquery().label("last"),
        )
        .join(_workflows, _workflows.c.key == _outbox.c.workflow)
        .where(_outbox.c.state.in_(PENDING), _outbox.c.due_at <= now, _workflows.c.deleted_at.is_(None))
        .group_by(_outbox.c.workflow, _workflows.c.version)
        .order_by(_outbox.c.workflow)
    )


def _is_time(due: datetime | None, last: datetime | None, now: datetime, *, wait: timedelta) -> bool:
    return due is None or last is None or due > last or abs(now - last) >= wait


def _wait(failed: int) -> timedelta:
    """Return the wait after this number of consecutive failed runs."""
    doubled = min(max(failed - 1, 0), 10)
    return min(ACT_EVERY * (1 << doubled), ACT_AT_LEAST_EVERY)


def _failed(connection: sa.Connection, workflow: str) -> int:
    """Count how many of the last runs failed in a row. Only runs that do nothing but actions are considered."""
    ended = (
        sa.select(_runs.c.trigger, _runs.c.state)
        .where(_runs.c.workflow == workflow, _runs.c.finished_at.is_not(None))
        .order_by(_runs.c.finished_at.desc())
        .limit(12)
    )
    rows = connection.execute(ended).all()
    return len(
        list(takewhile(lambda row: row.trigger == OUTBOX and row.state == RunState.FAILED.value, rows))
    )


def _is_busy(connection: sa.Connection, workflow: str) -> bool:
    unfinished = sa.select(_runs.c.id).where(_runs.c.workflow == workflow, _runs.c.state.in_(UNFINISHED))
    return connection.scalar(unfinished.limit(1)) is not None
