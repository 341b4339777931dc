"""The pause of the outbox, and its reason: the ledger cannot explain some receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.bulk import known_values
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.json_codec import dump, load_workflow
from bucketlift.ledger.db.rows import SOURCE_COLUMNS, source_of
from bucketlift.model.load import LoadId, Receipt, WriteMode, load_ids
from bucketlift.model.pause import Pause
from bucketlift.model.replay import ReplayState
from bucketlift.model.run import RunId
from bucketlift.model.workflow import LoadTask

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SLACK = timedelta(hours=1)
"""The maximum difference between the clocks of workers."""

_installation, _receipts, _claims = tables.installation, tables.receipts, tables.claims


class Pauses:
    """Pauses and resumes all actions in the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def paused(self) -> Pause | None:
        with self._database.reading() as connection:
            stored = connection.scalar(sa.select(_installation.c.paused))
        return None if stored is None else _pause(stored)

    def pause(self, pause: Pause) -> Pause:
        """Pause the outbox; if it is paused already, that pause stays. Returns the pause."""
        with self._database.writing() as connection:
            stored = connection.scalar(sa.select(_installation.c.paused))
            if stored is not None:
                return _pause(stored)
            connection.execute(sa.update(_installation).values(paused=stored_pause(pause)))
            return pause

    def resume(self, *, confirmed_until: datetime | None = None) -> None:
        """Resume the outbox. Receipts that were committed up to ``confirmed_until`` are not checked again."""
        vouched = {} if confirmed_until is None else {"confirmed_until": confirmed_until}
        with self._database.writing() as connection:
            connection.execute(sa.update(_installation).values(paused=sa.null(), **vouched))

    def look_from(self, destination: str, *, but: RunId | None = None) -> datetime:
        """The time from which receipts are checked, because the ledger may have lost later ones.

        It is the time of the last receipt that the ledger knows, or the time that a person confirmed.
        ``but``: a run whose own receipts are ignored, because they are newer than the loss.
        """
        now = self._database.now()
        known = sa.select(sa.func.max(_receipts.c.committed_at)).where(
            # A receipt from the future was committed while a clock was wrong. Lost receipts may be older.
            _receipts.c.destination == destination,
            _receipts.c.committed_at <= now + SLACK,
        )
        if but is not None:
            known = known.where(_receipts.c.run != but)
        with self._database.reading() as connection:
            last = aware(connection.scalar(known))
            confirmed = aware(connection.scalar(sa.select(_installation.c.confirmed_until)))
        return max((last or BEGINNING + SLACK) - SLACK, confirmed or BEGINNING)

    def last_load(self, destination: str) -> LoadId | None:
        """The last load into the destination that the ledger knows; None if the ledger knows no load."""
        query = sa.select(_receipts.c.load).where(_receipts.c.destination == destination)
        with self._database.reading() as connection:
            last = connection.scalar(query.order_by(_receipts.c.committed_at.desc()).limit(1))
        return None if last is None else LoadId(last)

    def unexplained(self, destination: str, receipts: Collection[Receipt]) -> tuple[Receipt, ...]:
        """The receipts of a destination that this ledger cannot explain: no file of the ledger can have produced them.

        If the ledger has recorded that a load started, this explains its receipt, even if the receipt itself
        is not recorded yet. Tables that are replaced are left out: a replacement removes the former receipts,
        so no lost receipt can remain.
        """
        with self._database.reading() as connection:
            loads_found = [each.load for each in receipts]
            kept = known_values(connection, _receipts.c.load, loads_found)
            kept |= known_values(connection, tables.replay_receipts.c.load, loads_found)
            left = [each for each in receipts if each.load not in kept]
            if not left:
                return ()
            loads = list(_loads_into(connection, destination))
            replaced = {
                each.task.target.table for each in loads if each.task.target.mode is WriteMode.REPLACE
            }
            left = [each for each in left if each.table not in replaced]
            begun = _started_loads(connection, loads) if left else frozenset()
        return tuple(each for each in left if each.load not in begun)


def stored_pause(pause: Pause) -> Any:
    """The pause as JSON values, in the form in which the ledger stores it."""
    return dump(Pause, pause)


def _pause(stored: Any) -> Pause:
    return Pause(
        what=stored["what"],
        paused_at=datetime.fromisoformat(stored["paused_at"]),
        look_from=datetime.fromisoformat(stored["look_from"]),
        hint=stored["hint"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """A load task of a version of a workflow, with the values from which its load names are made."""

    workflow: str
    slug: str
    task_slug: str
    task: LoadTask


def _loads_into(connection: sa.Connection, destination: str) -> Iterator[_Load]:
    """The load tasks with this destination, in all versions of all workflows."""
    versions = tables.workflow_versions.c
    flows = tables.workflows.c
    query = sa.select(versions.workflow, versions.definition, flows.slug, flows.task_slugs).join(
        tables.workflows, flows.key == versions.workflow
    )
    for row in connection.execute(query):
        for task in load_workflow(row.definition).loads:
            if task.destination == destination:
                task_slug = (row.task_slugs or {}).get(task.id, task.id)
                yield _Load(workflow=row.workflow, slug=row.slug, task_slug=task_slug, task=task)


def _started_loads(connection: sa.Connection, loads: Collection[_Load]) -> frozenset[LoadId]:
    """The IDs of loads that the ledger recorded as started and whose receipts it does not have."""
    named = {
        (each.workflow, each.slug, each.task.source, each.task.id, each.task_slug, each.task.target.table)
        for each in loads
    }
    found: set[LoadId] = set()
    for workflow, slug, extract, task, task_slug, table in named:
        receipt = sa.exists().where(_receipts.c.claim == _claims.c.id, _receipts.c.load_task == task)
        query = (
            sa.select(*SOURCE_COLUMNS)
            .join(_claims, _claims.c.source == tables.source_objects.c.id)
            .where(_claims.c.workflow == workflow, _claims.c.task == extract, _claims.c.load_begun, ~receipt)
        )
        files = [(row, 0) for row in connection.execute(query)]
        replays = [(row, row.part) for row in connection.execute(_started_replays(workflow, extract))]
        for row, part in files + replays:
            found.update(load_ids(slug, task_slug, table, source_of(row), part))
    return frozenset(found)


def _started_replays(workflow: str, extract: str) -> sa.Select[Any]:
    replays = tables.replays
    return (
        sa.select(*SOURCE_COLUMNS, replays.c.part)
        .join(_claims, _claims.c.source == tables.source_objects.c.id)
        .join(replays, replays.c.claim == _claims.c.id)
        .where(_claims.c.workflow == workflow, _claims.c.task == extract)
        .where(replays.c.state == ReplayState.BEGUN.value)
    )
