"""The chunks of deliveries: what was sent, what the destination answered, and what a person decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import OurFault, RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.claims.refused_rows import replace_refused
from bucketlift.ledger.claims.transitions import move_claims
from bucketlift.ledger.db.bulk import chunks as portions
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, Row, claim_of
from bucketlift.model.claim import Claim, ClaimId, ClaimReceipt
from bucketlift.model.delivery import Answer, Chunk, ChunkState, Counts, RefusedByDestination
from bucketlift.model.load import LoadId
from bucketlift.model.rows import Reject
from bucketlift.model.run import Lease, RunId
from bucketlift.model.transition import Transition

_chunks, _claims, _sources = tables.chunks, tables.claims, tables.source_objects


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDelivery:
    """The state of the delivery of one file by one load task."""

    claim: Claim
    load_task: str
    destination: str
    states: Mapping[ChunkState, int]
    """The number of chunks in each state."""

    @property
    def counts(self) -> dict[str, int]:
        """The number of chunks in each state, by the name of the state."""
        return {state.value: self.states.get(state, 0) for state in ChunkState}


class Deliveries:
    """The chunks of all deliveries. A run's change is refused if the run's lease is no longer valid."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def chunks(self, claim: ClaimId, load_task: str | None = None, part: int | None = None) -> list[Chunk]:
        """The recorded chunks of a file, in the order of their numbers."""
        wanted = sa.select(_chunks).where(_chunks.c.claim == claim)
        if load_task is not None:
            wanted = wanted.where(_chunks.c.load_task == load_task)
        if part is not None:
            wanted = wanted.where(_chunks.c.part == part)
        with self._database.reading() as connection:
            ordered = wanted.order_by(_chunks.c.load_task, _chunks.c.part, _chunks.c.number)
            return [_chunk(row) for row in connection.execute(ordered)]

    def found_on(self, claim: ClaimId) -> date:
        """The UTC day on which the ledger recorded the source object of a file."""
        wanted = (
            sa.select(_sources.c.found_at)
            .join(_claims, _claims.c.source == _sources.c.id)
            .where(_claims.c.id == claim)
        )
        with self._database.reading() as connection:
            found = aware(connection.execute(wanted).scalar_one())
        assert found is not None  # noqa: S101 - the column is not nullable
        return found.astimezone(UTC).date()

    def send(self, lease: Lease, chunk: Chunk, *, now: datetime) -> Chunk:
        """Record that a chunk is being sent. Call this before the first byte is sent."""
        sent = replace(chunk, state=ChunkState.SENT, sent_at=now, what=None)
        with self._database.writing(lease) as connection:
            if connection.execute(sa.update(_chunks).where(*_is(chunk)).values(_values(sent))).rowcount == 0:
                connection.execute(sa.insert(_chunks).values(_values(sent)))
        return sent

    def not_sent(self, lease: Lease, chunk: Chunk, what: str) -> Chunk:
        """Record that a chunk surely took no effect."""
        return self._put(lease, replace(chunk, state=ChunkState.PLANNED, job=None, what=what))

    def running(self, lease: Lease, chunk: Chunk, job: str | None) -> Chunk:
        """Record the ID of the job in which the destination processes a chunk."""
        return self._put(lease, replace(chunk, job=job))

    def doubt(self, lease: Lease, chunk: Chunk, what: str) -> Chunk:
        """Record that a person must find out whether the destination has a chunk."""
        return self._put(lease, replace(chunk, state=ChunkState.IN_DOUBT, what=what))

    def confirm(self, lease: Lease, chunk: Chunk, answer: Answer, *, now: datetime) -> Chunk:
        return self._put(
            lease,
            replace(
                chunk,
                state=ChunkState.CONFIRMED,
                counts=answer.counts,
                refused=answer.refused,
                job=answer.job or chunk.job,
                name=answer.name or chunk.name,
                confirmed_at=now,
                what=None,
            ),
        )

    def _put(self, lease: Lease, chunk: Chunk) -> Chunk:
        with self._database.writing(lease) as connection:
            known = connection.execute(sa.update(_chunks).where(*_is(chunk)).values(_values(chunk)))
            if known.rowcount != 1:
                raise OurFault(
                    f"The ledger no longer has chunk {chunk.number} of the file, which is being sent",
                    to=f"{chunk.claim} {chunk.load_task}",
                )
        return chunk

    def finish(
        self,
        lease: Lease,
        run: RunId,
        receipt: ClaimReceipt,
        rejects: Sequence[Reject],
    ) -> None:
        """Record that all chunks of a file are confirmed: the receipt of the load, and the refused rows as
        rejects.
        """
        with self._database.writing(lease) as connection:
            mine = sa.and_(
                tables.receipts.c.claim == receipt.claim, tables.receipts.c.load_task == receipt.load_task
            )
            connection.execute(sa.delete(tables.receipts).where(mine))
            connection.execute(sa.insert(tables.receipts).values(**asdict(receipt), run=run))
            replace_refused(connection, receipt, rejects)
            mine = _claims.c.id == receipt.claim
            connection.execute(sa.update(_claims).where(mine).values(suspicion=None))

    def file_of_name(self, destination: str, name: str, *, but: ClaimId) -> str | None:
        """The source object of another file whose chunk has, or may have, this name; None if there is none."""
        wanted = (
            sa.select(_sources)
            .join(_claims, _claims.c.source == _sources.c.id)
            .join(_chunks, _chunks.c.claim == _claims.c.id)
            .where(
                _chunks.c.destination == destination,
                _chunks.c.name == name,
                _chunks.c.claim != but,
                _chunks.c.state != ChunkState.PLANNED.value,
            )
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else f"s3://{row.bucket}/{row.key}"

    def in_doubt(self, *, workflow: str | None = None) -> list[FileDelivery]:
        """The deliveries that have a chunk in doubt, which waits for a person."""
        doubtful = sa.select(_chunks.c.claim).where(_chunks.c.state == ChunkState.IN_DOUBT.value)
        return self._find(_chunks.c.claim.in_(doubtful), workflow=workflow)

    def unfinished(self, *, workflow: str | None = None) -> list[FileDelivery]:
        """The deliveries that have a chunk which is not confirmed."""
        open_ = sa.select(_chunks.c.claim).where(_chunks.c.state != ChunkState.CONFIRMED.value)
        return self._find(_chunks.c.claim.in_(open_), workflow=workflow)

    def of_file(self, claim: ClaimId) -> list[FileDelivery]:
        return self._find(_chunks.c.claim == claim)

    def _find(self, *which: sa.ColumnElement[bool], workflow: str | None = None) -> list[FileDelivery]:
        alike = (_chunks.c.claim, _chunks.c.load_task, _chunks.c.destination, _chunks.c.state)
        counted = sa.select(*alike, sa.func.count().label("chunks")).where(*which).group_by(*alike)
        states: dict[tuple[ClaimId, str, str], dict[ChunkState, int]] = {}
        claims: dict[ClaimId, Claim] = {}
        with self._database.reading() as connection:
            for row in connection.execute(counted.order_by(_chunks.c.load_task)):
                mine = states.setdefault((ClaimId(row.claim), row.load_task, row.destination), {})
                mine[ChunkState(row.state)] = row.chunks
            for some in portions({claim for claim, _, _ in states}):
                wanted = sa.select(*CLAIM_COLUMNS).join(_sources, _sources.c.id == _claims.c.source)
                found = connection.execute(wanted.where(_claims.c.id.in_(some)))
                claims |= {ClaimId(row.id): claim_of(row) for row in found}
        deliveries = [
            FileDelivery(claim=claims[claim], load_task=task, destination=destination, states=counts)
            for (claim, task, destination), counts in states.items()
            if workflow in (None, claims[claim].workflow)
        ]
        return sorted(
            deliveries, key=lambda each: (each.claim.workflow, each.claim.source.key, each.load_task)
        )

    def sent(self, claims: Collection[ClaimId]) -> dict[ClaimId, list[str]]:
        """For each of these files, the destinations that have a part of it, or may have one."""
        found: dict[ClaimId, list[str]] = {}
        with self._database.reading() as connection:
            for some in portions(claims):
                wanted = (
                    sa.select(_chunks.c.claim, _chunks.c.destination)
                    .where(_chunks.c.claim.in_(some), _chunks.c.state != ChunkState.PLANNED.value)
                    .distinct()
                    .order_by(_chunks.c.destination)
                )
                for row in connection.execute(wanted):
                    found.setdefault(ClaimId(row.claim), []).append(row.destination)
        return found

    def load_tasks(self, claims: Collection[ClaimId]) -> dict[ClaimId, frozenset[str]]:
        """For each of these files, the load tasks that sent a part of it, or may have sent one. Replays do not
        count.
        """
        found: dict[ClaimId, frozenset[str]] = {}
        with self._database.reading() as connection:
            for some in portions(claims):
                wanted = sa.select(_chunks.c.claim, _chunks.c.load_task).where(
                    _chunks.c.claim.in_(some),
                    _chunks.c.part == 0,
                    _chunks.c.state != ChunkState.PLANNED.value,
                )
                for row in connection.execute(wanted.distinct()):
                    claim = ClaimId(row.claim)
                    found[claim] = found.get(claim, frozenset()) | {row.load_task}
        return found

    def decide(
        self,
        claim: Claim,
        chosen: Sequence[Chunk],
        state: ChunkState,
        transition: Transition | None,
        *,
        now: datetime,
    ) -> None:
        """Record what a person found out about chunks in doubt: they are confirmed, or planned to be sent
        again.

        Raises:
            RequestWrong: a chunk is no longer in doubt.
        """
        with self._database.writing() as connection:
            for chunk in chosen:
                decided = replace(chunk, state=state, job=None, what=f"Decided by a user: {state.value}")
                if state is ChunkState.CONFIRMED:
                    decided = replace(decided, counts=Counts(inserted=chunk.rows), confirmed_at=now)
                doubtful = (*_is(chunk), _chunks.c.state == ChunkState.IN_DOUBT.value)
                if (
                    connection.execute(sa.update(_chunks).where(*doubtful).values(_values(decided))).rowcount
                    != 1
                ):
                    raise RequestWrong(
                        f"Chunk {chunk.number} is no longer in doubt",
                        to=f"{claim.id} {claim.source}",
                        hint=f"See its chunks: bucketlift deliveries show {claim.id}",
                    )
            left = sa.select(sa.func.count()).where(
                _chunks.c.claim == claim.id, _chunks.c.state == ChunkState.IN_DOUBT.value
            )
            if transition is not None and not connection.scalar(left):
                move_claims(connection, [transition], now=now)

    def forget(
        self,
        lease: Lease,
        claim: Claim,
        loads: Sequence[tuple[str, int]],
        transition: Transition | None,
        *,
        now: datetime,
    ) -> None:
        """Delete the record of the chunks of unfinished loads, so that all their rows are sent again. Each load is a
        load task with the number of a replay, or with 0 for the file.
        """
        with self._database.writing(lease) as connection:
            for load_task, part in loads:
                mine = (_chunks.c.claim == claim.id, _chunks.c.load_task == load_task, _chunks.c.part == part)
                connection.execute(sa.delete(_chunks).where(*mine))
            if transition is not None:
                move_claims(connection, [transition], now=now)


def _is(chunk: Chunk) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _chunks.c.claim == chunk.claim,
        _chunks.c.load_task == chunk.load_task,
        _chunks.c.part == chunk.part,
        _chunks.c.number == chunk.number,
    )


def _values(chunk: Chunk) -> dict[str, Any]:
    values = asdict(chunk)
    values |= values.pop("counts")
    refused = [[each.line, each.message, each.field] for each in chunk.refused]
    return values | {"state": chunk.state.value, "refused": refused or None}


def _chunk(row: Row) -> Chunk:
    return Chunk(
        claim=ClaimId(row.claim),
        load_task=row.load_task,
        part=row.part,
        number=row.number,
        load=LoadId(row.load),
        destination=row.destination,
        first_line=row.first_line,
        last_line=row.last_line,
        rows=row.rows,
        sha256=row.sha256,
        key=row.key,
        state=ChunkState(row.state),
        name=row.name,
        job=row.job,
        counts=Counts(inserted=row.inserted, updated=row.updated, unchanged=row.unchanged),
        refused=tuple(
            RefusedByDestination(line=line, message=message, field=field)
            for line, message, field in row.refused or ()
        ),
        sent_at=aware(row.sent_at),
        confirmed_at=aware(row.confirmed_at),
        what=row.what,
        token=row.token,
    )
