"""Runs, and leases. A lease lets only one worker write for a workflow."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import NotFound
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.other_versions import refuse_newer
from bucketlift.ledger.runs.progress import drop
from bucketlift.model.lifecycle import RunState
from bucketlift.model.run import LISTING_NOTHING, Fault, Lease, Run, RunId, Standing
from bucketlift.rules.health.outcome import outcome_of
from bucketlift.rules.health.volume import Usual

UNFINISHED = (RunState.QUEUED.value, RunState.RUNNING.value)


class Runs:
    """All runs: queued, running and ended."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, workflow: str, version: int, *, trigger: str, now: datetime) -> Run:
        """Queue a run. If a run of the workflow is queued already, no second one is added; the queued run
        then executes this version.
        """
        with self._database.writing() as connection:
            return ask(connection, workflow, version, trigger=trigger, now=now)

    def get(self, run: str) -> Run:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(tables.runs).where(tables.runs.c.id == run)).one_or_none()
        if row is None:
            raise NotFound(
                "There is no run with this ID", to=run, hint="`bucketlift runs list` shows the IDs."
            )
        return _run(row)

    def find(
        self,
        *,
        workflow: str | None = None,
        states: Collection[RunState] = (),
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Run, ...]:
        """Return runs, newest first."""
        query = sa.select(tables.runs).order_by(tables.runs.c.asked_at.desc(), tables.runs.c.id.desc())
        if workflow is not None:
            query = query.where(tables.runs.c.workflow == workflow)
        if states:
            query = query.where(tables.runs.c.state.in_([state.value for state in states]))
        with self._database.reading() as connection:
            return tuple(_run(row) for row in connection.execute(query.limit(limit).offset(offset)))

    def unfinished(self, workflow: str) -> tuple[Run, ...]:
        """Return the running run and then the queued runs, oldest first.

        A running run is first whatever its time is, because the clock may have been set back.
        """
        runs = tables.runs.c
        query = sa.select(tables.runs).where(runs.workflow == workflow, runs.state.in_(UNFINISHED))
        waits = sa.case((runs.state == RunState.QUEUED.value, 1), else_=0)
        with self._database.reading() as connection:
            return tuple(_run(row) for row in connection.execute(query.order_by(waits, runs.asked_at)))

    def holder(self, workflow: str) -> str | None:
        """Return the worker that holds a workflow's lease. The worker may be dead."""
        leases = tables.leases.c
        with self._database.reading() as connection:
            return connection.scalar(sa.select(leases.holder).where(leases.workflow == workflow))

    def free(self, at: Callable[[str, str], bool]) -> tuple[str, ...]:
        """Return workflows that have an unfinished run and no worker that works on it. The workflow that
        waits longest is first.

        ``at`` gets a workflow and its lease holder, and returns whether that worker works on the workflow.
        """
        runs, leases = tables.runs.c, tables.leases.c
        query = (
            sa.select(runs.workflow, leases.holder)
            .join_from(tables.runs, tables.leases, leases.workflow == runs.workflow, isouter=True)
            .where(runs.state.in_(UNFINISHED))
            .order_by(runs.asked_at)
        )
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        holders = {row.workflow: row.holder for row in found}
        return tuple(each for each, holder in holders.items() if holder is None or not at(each, holder))

    def take_lease(self, workflow: str, holder: str, alive: Callable[[str], bool]) -> Lease | None:
        """Take a workflow's lease. Returns None if another live worker holds it.

        Each new lease has a higher token, so that writes of former holders are refused.
        """
        leases = tables.leases
        with self._database.writing() as connection:
            row = connection.execute(sa.select(leases).where(leases.c.workflow == workflow)).one_or_none()
            if row is None:
                connection.execute(sa.insert(leases).values(workflow=workflow, holder=holder, token=1))
                return Lease(workflow=workflow, token=1)
            if row.holder not in (None, holder) and alive(row.holder):
                return None
            connection.execute(
                sa.update(leases)
                .where(leases.c.workflow == workflow)
                .values(holder=holder, token=row.token + 1)
            )
            return Lease(workflow=workflow, token=row.token + 1)

    def drop_lease(self, lease: Lease) -> None:
        """Release a lease, if it is still valid."""
        leases = tables.leases.c
        with self._database.writing() as connection:
            connection.execute(
                sa.update(tables.leases)
                .where(leases.workflow == lease.workflow, leases.token == lease.token)
                .values(holder=None)
            )

    def begin(self, run: RunId, lease: Lease, *, worker: str, now: datetime) -> Run:
        """Start a queued run, or continue an interrupted one. A run that was cancelled before its start stays
        cancelled.
        """
        runs = tables.runs
        with self._database.writing(lease) as connection:
            connection.execute(
                sa.update(runs)
                .where(runs.c.id == run, runs.c.state.in_(UNFINISHED))
                .values(
                    state=RunState.RUNNING.value,
                    worker=worker,
                    started_at=sa.func.coalesce(runs.c.started_at, now),
                )
            )
        return self.get(run)

    def record_answers(self, run: RunId, lease: Lease, answers: Mapping[str, Any]) -> None:
        self._set(run, lease, answers=dict(answers))

    def record_fault(self, run: RunId, lease: Lease, task: str, fault: Fault) -> None:
        """Record the error of a task, if none is recorded yet: only the first error of a task is kept."""
        with self._database.writing(lease) as connection:
            stored = connection.scalar(sa.select(tables.runs.c.faults).where(tables.runs.c.id == run)) or {}
            faults = {task: asdict(fault), **stored}
            connection.execute(sa.update(tables.runs).where(tables.runs.c.id == run).values(faults=faults))

    def cancel(self, run: str, *, document: Mapping[str, Any], now: datetime) -> Run:
        """End a queued run with this summary, or request the end of a running run.

        A run that has ended is not changed.
        """
        runs = tables.runs.c
        cancelled = RunState.CANCELLED.value
        ended = {
            "state": cancelled,
            "outcome": cancelled,
            "document": dict(document),
            "finished_at": now,
        }
        mine = sa.update(tables.runs).where(runs.id == run)
        with self._database.writing() as connection:
            connection.execute(
                mine.where(runs.state.in_(UNFINISHED)).values(
                    cancel_asked_at=sa.func.coalesce(runs.cancel_asked_at, now)
                )
            )
            connection.execute(mine.where(runs.state == RunState.QUEUED.value).values(**ended))
        return self.get(run)

    def standing(self, run: RunId, lease: Lease) -> Standing:
        """Return whether the lease is still valid, and whether a person has requested to cancel the run."""
        cancel = sa.select(tables.runs.c.cancel_asked_at).where(tables.runs.c.id == run)
        query = sa.select(_token(lease).scalar_subquery(), cancel.scalar_subquery())
        with self._database.reading() as connection:
            token, cancel_asked_at = connection.execute(query).one()
        return Standing(leased=token == lease.token, cancel_asked=cancel_asked_at is not None)

    def holds(self, lease: Lease) -> bool:
        """Whether the lease is still valid.

        Raises:
            LedgerUpgraded: a newer version has migrated the ledger since it was opened.
        """
        with self._database.reading() as connection:
            refuse_newer(connection, ledger=self._database.name)
            token: int | None = connection.scalar(_token(lease))
        return token == lease.token

    def finish(
        self,
        run: RunId,
        lease: Lease,
        *,
        state: RunState,
        document: dict[str, Any],
        newly_held: int,
        now: datetime,
        usual: Usual | None = None,
    ) -> None:
        """End a run with this summary. ``usual`` compares its rows to earlier runs."""
        outcome = outcome_of(state, newly_held=newly_held, paused="paused" in document)
        ended = {
            "state": state.value,
            "outcome": outcome.value,
            "document": document,
            "newly_held": newly_held,
            "finished_at": now,
            "usual_rows": None if usual is None else usual.rows,
            "unusual": usual is not None and usual.is_unusual,
        }
        with self._database.writing(lease) as connection:
            connection.execute(
                sa.update(tables.runs).where(tables.runs.c.id == run).values(**ended, **loaded(document))
            )
            drop(connection, run)

    def review(self, run: RunId, *, now: datetime) -> None:
        """Record that a person reviewed the unusual number of rows of a run."""
        with self._database.writing() as connection:
            connection.execute(sa.update(tables.runs).where(tables.runs.c.id == run).values(reviewed_at=now))

    def _set(self, run: RunId, lease: Lease, **values: Any) -> None:
        with self._database.writing(lease) as connection:
            connection.execute(sa.update(tables.runs).where(tables.runs.c.id == run).values(**values))


def loaded(document: Mapping[str, Any]) -> dict[str, int]:
    """Return the numbers of files and rows that a run loaded, for lists and charts."""
    counted = [task for task in document.get("tasks", ()) if "files" in task]
    return {word: sum(task[word]["loaded"] for task in counted) for word in ("files", "rows")}


def _token(lease: Lease) -> sa.Select[Any]:
    return sa.select(tables.leases.c.token).where(tables.leases.c.workflow == lease.workflow)


def ask(connection: sa.Connection, workflow: str, version: int, *, trigger: str, now: datetime) -> Run:
    """Queue a run like ``Runs.ask``, in a transaction that is already open."""
    runs = tables.runs
    waiting = connection.execute(
        sa.select(runs).where(runs.c.workflow == workflow, runs.c.state == RunState.QUEUED.value)
    ).first()
    if waiting is not None:
        # A request to load files must not join a run that loads none, unless the trigger of this run is
        # changed.
        trigger = trigger if waiting.trigger in LISTING_NOTHING else waiting.trigger
        joined = sa.update(runs).where(runs.c.id == waiting.id)
        connection.execute(joined.values(version=version, trigger=trigger))
        return replace(_run(waiting), version=version, trigger=trigger)
    row = {
        "id": f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
        "workflow": workflow,
        "version": version,
        "trigger": trigger,
        "state": RunState.QUEUED.value,
        "asked_at": now,
    }
    connection.execute(sa.insert(runs).values(**row))
    return _run(connection.execute(sa.select(runs).where(runs.c.id == row["id"])).one())


def _run(row: sa.Row[Any]) -> Run:
    asked_at = aware(row.asked_at)
    assert asked_at is not None  # noqa: S101 - the column is not nullable
    return Run(
        id=RunId(row.id),
        workflow=row.workflow,
        version=row.version,
        trigger=row.trigger,
        state=RunState(row.state),
        asked_at=asked_at,
        started_at=aware(row.started_at),
        finished_at=aware(row.finished_at),
        cancel_asked_at=aware(row.cancel_asked_at),
        worker=row.worker,
        manifest=row.manifest,
        known=row.known,
        newly_held=row.newly_held,
        answers=row.answers,
        faults={task: Fault(**fault) for task, fault in (row.faults or {}).items()},
        document=row.document,
        usual_rows=row.usual_rows,
        unusual=row.unusual,
    )
