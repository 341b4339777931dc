"""Files that wait for a person, and pending actions on objects, in all workflows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import PENDING, ActionState
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.json_codec import load_action
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, Row, claim_of
from bucketlift.ledger.tables.objects import IN_NEED
from bucketlift.model.claim import Claim, ClaimId
from bucketlift.model.lifecycle import FileState
from bucketlift.model.source import SourceObject, location
from bucketlift.model.workflow import AfterImport

_claims, _sources, _outbox = tables.claims, tables.source_objects, tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The number of waiting files with the same workflow, state and reason."""

    workflow: str
    state: FileState
    reason: str | None
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An action in the outbox, for display."""

    claim: Claim
    action: AfterImport
    state: ActionState
    due_at: datetime
    sent_at: datetime | None
    tries: int
    note: str | None
    place: str | None
    """The place of the object's verified copy; None before the copy exists."""

    @property
    def changeable(self) -> bool:
        """Whether a person can still decide to keep the object, because no delete was sent."""
        return self.state in (ActionState.WAITING, ActionState.COPIED, ActionState.HELD)


class Waiting:
    """Queries for the files and actions that wait, and one change: to make an action due."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def groups(self) -> tuple[Group, ...]:
        """The number of files that wait for a person, by workflow, state and reason."""
        alike = (_claims.c.workflow, _claims.c.state, _claims.c.reason)
        query = sa.select(*alike, sa.func.count().label("files")).where(IN_NEED).group_by(*alike)
        with self._database.reading() as connection:
            return tuple(
                Group(workflow=row.workflow, state=FileState(row.state), reason=row.reason, files=row.files)
                for row in connection.execute(query)
            )

    def files(
        self, *, workflow: str | None = None, reason: str | None = None, limit: int = 50, offset: int = 0
    ) -> list[Claim]:
        """Files that wait for a person, ordered by workflow and key."""
        query = sa.select(*CLAIM_COLUMNS).join(_sources, _sources.c.id == _claims.c.source).where(IN_NEED)
        if workflow is not None:
            query = query.where(_claims.c.workflow == workflow)
        if reason is not None:
            query = query.where(_claims.c.reason == reason)
        ordered = query.order_by(
            _claims.c.workflow, _sources.c.bucket, _sources.c.key, _sources.c.occurrence, _claims.c.id
        )
        with self._database.reading() as connection:
            return [claim_of(row) for row in connection.execute(ordered.limit(limit).offset(offset))]

    def under(self, source: SourceObject, *, limit: int = 200) -> list[Claim]:
        """All occurrences of an object's key, newest first, with the claim of each task."""
        query = (
            sa.select(*CLAIM_COLUMNS)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(
                _sources.c.store == source.store,
                _sources.c.bucket == source.bucket,
                _sources.c.key == source.key,
            )
            .order_by(_sources.c.occurrence.desc(), _claims.c.workflow, _claims.c.task)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [claim_of(row) for row in connection.execute(query)]

    def entry(self, claim: ClaimId) -> Entry | None:
        """The action on a file's object, pending or finished; None if there is no action."""
        with self._database.reading() as connection:
            row = connection.execute(_entries().where(_outbox.c.claim == claim)).one_or_none()
        return None if row is None else _entry(row)

    def delayed(
        self, *, workflow: str | None = None, now: datetime, limit: int = 50, offset: int = 0
    ) -> list[Entry]:
        """The delayed actions, in the order in which they become due."""
        query = _entries().where(*_later(now))
        if workflow is not None:
            query = query.where(_outbox.c.workflow == workflow)
        ordered = query.order_by(_outbox.c.due_at, _outbox.c.claim).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [_entry(row) for row in connection.execute(ordered)]

    def count_delayed(self, *, now: datetime) -> int:
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(_outbox).where(*_later(now))) or 0

    def make_due(self, claim: ClaimId, *, now: datetime) -> bool:
        """Make an action due now. Returns False if the action is done, sent, held or dropped."""
        open_states = [ActionState.WAITING.value, ActionState.COPIED.value]
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(_outbox)
                .where(_outbox.c.claim == claim, _outbox.c.state.in_(open_states), _outbox.c.due_at > now)
                .values(due_at=now, updated_at=now)
            )
            return changed.rowcount == 1


def _later(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (_outbox.c.state.in_(PENDING), _outbox.c.due_at > now)


def _entries() -> sa.Select[Any]:
    columns = ("action", "state", "due_at", "sent_at", "tries", "note", "place_bucket", "place_key")
    return (
        sa.select(*CLAIM_COLUMNS, *(_outbox.c[name].label(f"outbox_{name}") for name in columns))
        .join(_claims, _claims.c.id == _outbox.c.claim)
        .join(_sources, _sources.c.id == _claims.c.source)
    )


def _entry(row: Row) -> Entry:
    due_at = aware(row.outbox_due_at)
    assert due_at is not None  # noqa: S101 - the column is not nullable
    copied = row.outbox_place_key is not None
    return Entry(
        claim=claim_of(row),
        action=load_action(row.outbox_action),
        state=ActionState(row.outbox_state),
        due_at=due_at,
        sent_at=aware(row.outbox_sent_at),
        tries=row.outbox_tries,
        note=row.outbox_note,
        place=location(row.outbox_place_bucket, row.outbox_place_key) if copied else None,
    )
