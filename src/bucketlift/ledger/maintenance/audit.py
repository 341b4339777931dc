"""Reads the ledger page by page, to compare it with destinations and buckets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import PENDING, ActionState
from bucketlift.ledger.db.bulk import CHUNK, chunks
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, claim_of
from bucketlift.model.claim import Claim, ClaimId
from bucketlift.model.load import LoadId
from bucketlift.model.source import Place

_claims, _sources, _outbox, _receipts = (
    tables.claims,
    tables.source_objects,
    tables.outbox,
    tables.receipts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedCopy:
    """A copy that a move or rename made, and the file whose object was copied."""

    place: Place
    claim: Claim


class Audit:
    """Read-only queries. At most one page of their results is in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claims(self, workflow: str) -> Iterator[list[Claim]]:
        """Yield all claims of a workflow, in pages, ordered by ID."""
        after = ""
        while page := self._claims(_claims.c.workflow == workflow, _claims.c.id > after):
            yield page
            after = page[-1].id

    def again(self, claims: Collection[ClaimId]) -> dict[ClaimId, Claim]:
        """Read the claims of one page again, because a run may have changed them since."""
        return {claim.id: claim for claim in self._claims(_claims.c.id.in_(list(claims)))}

    def _claims(self, *which: sa.ColumnElement[bool]) -> list[Claim]:
        query = (
            sa.select(*CLAIM_COLUMNS)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(*which)
            .order_by(_claims.c.id)
            .limit(CHUNK)
        )
        with self._database.reading() as connection:
            return [claim_of(row) for row in connection.execute(query)]

    def states(self, workflow: str) -> dict[str, int]:
        """Count a workflow's files by state."""
        query = sa.select(_claims.c.state, sa.func.count()).where(_claims.c.workflow == workflow)
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(_claims.c.state).order_by(_claims.c.state)).all()
        return {row[0]: row[1] for row in rows}

    def last_loads(self, workflow: str) -> dict[str, LoadId]:
        """For each load task of a workflow, return the ID of the load with the newest receipt."""
        newest = (
            sa.select(_receipts.c.load_task, sa.func.max(_receipts.c.committed_at).label("at"))
            .join(_claims, _claims.c.id == _receipts.c.claim)
            .where(_claims.c.workflow == workflow)
            .group_by(_receipts.c.load_task)
            .subquery()
        )
        query = (
            sa.select(_receipts.c.load_task, _receipts.c.load)
            .join(_claims, _claims.c.id == _receipts.c.claim)
            .join(
                newest,
                sa.and_(newest.c.load_task == _receipts.c.load_task, newest.c.at == _receipts.c.committed_at),
            )
            .where(_claims.c.workflow == workflow)
            .distinct()
        )
        with self._database.reading() as connection:
            return {row.load_task: LoadId(row.load) for row in connection.execute(query)}

    def due(self, claims: Collection[ClaimId]) -> dict[ClaimId, datetime]:
        """Return the due times of these claims' pending actions."""
        found: dict[ClaimId, datetime] = {}
        with self._database.reading() as connection:
            for some in chunks(claims):
                query = sa.select(_outbox.c.claim, _outbox.c.due_at).where(
                    _outbox.c.claim.in_(some), _outbox.c.state.in_(PENDING)
                )
                for row in connection.execute(query):
                    due_at = aware(row.due_at)
                    if due_at is not None:
                        found[ClaimId(row.claim)] = due_at
        return found

    def archives(self, workflow: str, task: str) -> dict[str, tuple[str, str]]:
        """For each bucket to which a task moved files, return the first and the last key, ordered by UTF-8
        bytes.
        """
        key = self._by_bytes()
        columns = (_outbox.c.place_bucket, sa.func.min(key), sa.func.max(key))
        query = sa.select(*columns).select_from(_MOVED).where(*_done(workflow, task))
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(_outbox.c.place_bucket)).all()
        return {bucket: (first, last) for bucket, first, last in rows}

    def copies(self, workflow: str, task: str, bucket: str) -> Iterator[ArchivedCopy]:
        """Yield the copies in one bucket, in the order in which S3 lists keys."""
        key, after = self._by_bytes(), ("", "")
        query = (
            sa.select(*CLAIM_COLUMNS, _outbox.c.place_key)
            .select_from(_MOVED)
            .where(*_done(workflow, task), _outbox.c.place_bucket == bucket)
            .order_by(key, _claims.c.id)
            .limit(CHUNK)
        )
        while True:
            behind = sa.or_(key > after[0], sa.and_(key == after[0], _claims.c.id > after[1]))
            with self._database.reading() as connection:
                page = connection.execute(query.where(behind)).all()
            if not page:
                return
            for row in page:
                yield ArchivedCopy(place=Place(bucket=bucket, key=row.place_key), claim=claim_of(row))
            after = (page[-1].place_key, page[-1].id)

    def _by_bytes(self) -> sa.ColumnElement[str]:
        """Return the key as an expression that is ordered by bytes. SQLite does this by default; PostgreSQL
        uses the database's collation.
        """
        key = _outbox.c.place_key
        return key.collate("C") if self._database.engine.dialect.name == "postgresql" else key


_MOVED = _outbox.join(_claims, _claims.c.id == _outbox.c.claim).join(
    _sources, _sources.c.id == _claims.c.source
)


def _done(workflow: str, task: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions for a task's completed actions that made a copy."""
    return (
        _claims.c.workflow == workflow,
        _claims.c.task == task,
        _outbox.c.state == ActionState.DONE.value,
        _outbox.c.place_key.is_not(None),
    )
