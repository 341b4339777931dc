"""Replays of mended rejects: the mended rows, and the progress of each load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from bucketlift.errors import RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.claims.refused_rows import finish_rows
from bucketlift.ledger.claims.transitions import current_states, move_claims
from bucketlift.ledger.db.bulk import chunks, insert_many
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, Row, claim_of, receipt_of, stored
from bucketlift.model.claim import Claim, ClaimId, ClaimReceipt
from bucketlift.model.delivery import ChunkState
from bucketlift.model.lifecycle import COMMITTED
from bucketlift.model.mending import MendedRow
from bucketlift.model.replay import Replay, ReplayReceipt, ReplayState
from bucketlift.model.run import Lease, RunId
from bucketlift.model.transition import Transition

_chunks, _claims, _mended, _receipts, _replays = (
    tables.chunks,
    tables.claims,
    tables.mended_rows,
    tables.replay_receipts,
    tables.replays,
)


class Replays:
    """The replays of all files.

    The ledger records mended rows before a destination receives them, and each receipt afterwards. So the
    next run finishes an interrupted replay, and no row is loaded twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(
        self, claim: Claim, rows: Sequence[MendedRow], *, now: datetime, transition: Transition | None = None
    ) -> int:
        """Record mended rows as the file's next replay, and apply the transition.

        Returns the replay's number. If one of the rows waits in an earlier replay that was not started, the
        row moves to the new replay.

        Raises:
            RequestWrong: the file has changed since it was read, or a replay with one of the rows was
            started.
        """
        with self._database.writing() as connection:
            if current_states(connection, [claim.id]).get(claim.id) is not claim.state:
                raise _moved_on(claim)
            if transition is not None:
                move_claims(connection, [transition], now=now)
            connection.execute(sa.update(_claims).where(_claims.c.id == claim.id).values(updated_at=now))
            _take_over(connection, claim, [row.offset for row in rows])
            last = connection.scalar(
                sa.select(sa.func.max(_replays.c.part)).where(_replays.c.claim == claim.id)
            )
            part = (last or 0) + 1
            waiting = {"state": ReplayState.WAITING.value, "rows": len(rows), "asked_at": now}
            connection.execute(
                sa.insert(_replays).values(claim=claim.id, part=part, workflow=claim.workflow, **waiting)
            )
            kept = [
                {
                    "claim": claim.id,
                    "part": part,
                    "offset": row.offset,
                    "line": row.line,
                    "cells": dict(row.cells),
                }
                for row in rows
            ]
            insert_many(connection, _mended, kept)
        return part

    def of_file(self, claim: ClaimId) -> list[Replay]:
        """All replays of a file, in order of their numbers."""
        return self._find(_replays.c.claim == claim)

    def pending(self, workflow: str) -> list[Replay]:
        """Unfinished replays of the workflow's loaded files, in order."""
        return self._find(
            _replays.c.workflow == workflow,
            _replays.c.state != ReplayState.DONE.value,
            _claims.c.state.in_(stored(COMMITTED)),
        )

    def _find(self, *which: sa.ColumnElement[bool]) -> list[Replay]:
        replay = [_replays.c[name].label(f"replay_{name}") for name in ("part", "state", "rows", "asked_at")]
        query = (
            sa.select(*CLAIM_COLUMNS, *replay)
            .join(tables.source_objects, tables.source_objects.c.id == _claims.c.source)
            .join(_replays, _replays.c.claim == _claims.c.id)
            .where(*which)
            .order_by(_replays.c.asked_at, _replays.c.claim, _replays.c.part)
        )
        with self._database.reading() as connection:
            return [_replay(row) for row in connection.execute(query)]

    def rows(self, claim: ClaimId, part: int) -> list[MendedRow]:
        """The mended rows of a replay, in the order of the file."""
        query = sa.select(_mended).where(_mended.c.claim == claim, _mended.c.part == part)
        with self._database.reading() as connection:
            return [_row(row) for row in connection.execute(query.order_by(_mended.c.offset))]

    def mended(self, claim: ClaimId) -> dict[int, int]:
        """For each mended reject of a file, by its offset: the number of the replay that contains it."""
        query = sa.select(_mended.c.offset, _mended.c.part).where(_mended.c.claim == claim)
        with self._database.reading() as connection:
            return {row.offset: row.part for row in connection.execute(query)}

    def refused_by(self, claim: ClaimId) -> dict[int, frozenset[str]]:
        """For each reject that destinations refused, by its offset: the load tasks that do not have its row."""
        rejects = tables.rejects.c
        wanted = sa.select(rejects.offset, rejects.load_task).where(
            rejects.claim == claim, rejects.load_task.is_not(None), rejects.mended_in.is_(None)
        )
        found: dict[int, frozenset[str]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(wanted):
                found[row.offset] = found.get(row.offset, frozenset()) | {row.load_task}
        return found

    def unfinished_offsets(self, claim: ClaimId) -> set[int]:
        """The offsets of the mended rows that wait for the end of their replay."""
        mine = sa.and_(_replays.c.claim == _mended.c.claim, _replays.c.part == _mended.c.part)
        query = (
            sa.select(_mended.c.offset)
            .join(_replays, mine)
            .where(_mended.c.claim == claim, _replays.c.state != ReplayState.DONE.value)
        )
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def lines_without_reject(self, replay: Replay) -> list[int]:
        """The lines of mended rows that are no longer rejects of the file, because a later read had another
        result.
        """
        claim, rejects = replay.claim.id, tables.rejects
        query = sa.select(rejects.c.offset).where(rejects.c.claim == claim)
        with self._database.reading() as connection:
            known = set(connection.scalars(query))
        return [row.line for row in self.rows(claim, replay.part) if row.offset not in known]

    def receipts(self, claim: ClaimId, part: int) -> dict[str, ReplayReceipt]:
        """The receipts of a replay, by load task."""
        query = sa.select(_receipts).where(_receipts.c.claim == claim, _receipts.c.part == part)
        with self._database.reading() as connection:
            return {
                row.load_task: ReplayReceipt(part=part, receipt=receipt_of(row))
                for row in connection.execute(query)
            }

    def begin(self, lease: Lease, replay: Replay) -> bool:
        """Record that the replay starts, so that a destination may have a receipt of it.

        Returns False if the rows have moved to another replay.
        """
        open_ = sa.and_(_is(replay), _replays.c.state != ReplayState.DONE.value)
        with self._database.writing(lease) as connection:
            begun = sa.update(_replays).where(open_).values(state=ReplayState.BEGUN.value)
            return connection.execute(begun).rowcount == 1

    def record(self, lease: Lease, run: RunId, part: int, receipt: ClaimReceipt) -> None:
        """Record the receipt of one load of a replay."""
        with self._database.writing(lease) as connection:
            connection.execute(sa.insert(_receipts).values(**asdict(receipt), part=part, run=run))

    def finish(self, lease: Lease, replay: Replay, *, now: datetime) -> None:
        """Finish a replay that all its loads have committed. The ledger then counts its rejects as mended,
        except rows that a destination refused again: they can be mended again.
        """
        done = {"state": ReplayState.DONE.value, "done_at": now}
        with self._database.writing(lease) as connection:
            open_ = sa.and_(_is(replay), _replays.c.state != ReplayState.DONE.value)
            if connection.execute(sa.update(_replays).where(open_).values(**done)).rowcount == 1:
                finish_rows(connection, replay.claim.id, replay.part)
                mine = _claims.c.id == replay.claim.id
                connection.execute(sa.update(_claims).where(mine).values(updated_at=now))

    def drop(self, lease: Lease, replay: Replay) -> bool:
        """Remove a replay that no load has committed, and of which no chunk was sent. Its rejects can then be
        mended again. Returns whether it was removed.
        """
        committed = sa.select(_receipts.c.part).where(
            _receipts.c.claim == replay.claim.id, _receipts.c.part == replay.part
        )
        sent = sa.select(_chunks.c.part).where(
            _chunks.c.claim == replay.claim.id,
            _chunks.c.part == replay.part,
            _chunks.c.state != ChunkState.PLANNED.value,
        )
        with self._database.writing(lease) as connection:
            if any(connection.scalar(each.limit(1)) is not None for each in (committed, sent)):
                return False
            for table in (_chunks, _mended, _replays):
                connection.execute(
                    sa.delete(table).where(table.c.claim == replay.claim.id, table.c.part == replay.part)
                )
            return True

    def loaded(self, run: RunId, load_task: str) -> Mapping[str, int]:
        """For a load task in a run: the number of replays that it committed, and of their rows."""
        counts = [
            sa.cast(sa.func.coalesce(sa.func.sum(_receipts.c[name]), 0), sa.BigInteger).label(name)
            for name in ("inserted", "updated", "unchanged")
        ]
        query = sa.select(sa.func.count().label("replays"), *counts).where(
            _receipts.c.run == run, _receipts.c.load_task == load_task
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).mappings().one())


def forget(connection: sa.Connection, claim: ClaimId) -> None:
    """Remove all replays of a file. No reject of the file counts as mended afterwards."""
    for table in (_mended, _receipts, _replays):
        connection.execute(sa.delete(table).where(table.c.claim == claim))
    connection.execute(
        sa.update(tables.rejects).where(tables.rejects.c.claim == claim).values(mended_in=sa.null())
    )
    connection.execute(sa.update(_claims).where(_claims.c.id == claim).values(mended=0))


def _is(replay: Replay) -> sa.ColumnElement[bool]:
    return sa.and_(_replays.c.claim == replay.claim.id, _replays.c.part == replay.part)


def _take_over(connection: sa.Connection, claim: Claim, offsets: Collection[int]) -> None:
    """Remove these rows from the file's waiting replays, because a new replay contains them."""
    taken = Counter[int]()
    for some in chunks(offsets):
        these = sa.and_(_mended.c.claim == claim.id, _mended.c.offset.in_(some))
        taken.update(connection.scalars(sa.select(_mended.c.part).where(these)))
        connection.execute(sa.delete(_mended).where(these))
    for part, rows in taken.items():
        replay = sa.and_(_replays.c.claim == claim.id, _replays.c.part == part)
        waits = sa.and_(replay, _replays.c.state == ReplayState.WAITING.value)
        fewer = sa.update(_replays).where(waits).values(rows=_replays.c.rows - rows)
        if connection.execute(fewer).rowcount != 1:
            raise _moved_on(claim)
        connection.execute(sa.delete(_replays).where(replay, _replays.c.rows == 0))


def _row(row: Row) -> MendedRow:
    return MendedRow(line=row.line, offset=row.offset, cells=row.cells)


def _replay(row: Row) -> Replay:
    asked_at = aware(row.replay_asked_at)
    assert asked_at is not None  # noqa: S101 - the column is not nullable
    return Replay(
        claim=claim_of(row),
        part=row.replay_part,
        state=ReplayState(row.replay_state),
        rows=row.replay_rows,
        asked_at=asked_at,
    )


def _moved_on(claim: Claim) -> RequestWrong:
    return RequestWrong(
        "The file has changed in the meantime, or another person mended some of these rows",
        to=f"{claim.id} {claim.source}",
        hint="`bucketlift rejects list` shows which rows are mended; then repeat the command.",
    )
