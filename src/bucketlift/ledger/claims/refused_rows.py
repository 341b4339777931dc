"""Rows that the destinations of deliveries refused: each is a reject of the load task that sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.bulk import chunks, insert_many
from bucketlift.ledger.db.rows import Row
from bucketlift.model.claim import ClaimId, ClaimReceipt
from bucketlift.model.rows import Reject, RejectReason

REFUSED_FROM = 1_000_000_000
"""The position of the first refused row among the rejects of a file, so that refused rows are listed after
the rejects of reading.
"""
_chunks, _claims, _mended, _rejects, _replays = (
    tables.chunks,
    tables.claims,
    tables.mended_rows,
    tables.rejects,
    tables.replays,
)

Refusals = Mapping[int, Mapping[str, dict[str, Any]]]
"""For each row of a replay that was refused again, by its offset: the new columns of its reject, by load task."""


def replace_refused(connection: sa.Connection, receipt: ClaimReceipt, rejects: Sequence[Reject]) -> None:
    """Replace the recorded rows that the destination of a load refused."""
    mine = sa.and_(_rejects.c.claim == receipt.claim, _rejects.c.load_task == receipt.load_task)
    connection.execute(sa.delete(_rejects).where(mine))
    _append(connection, receipt.claim, [asdict(reject) for reject in rejects])
    count = sa.select(sa.func.count()).where(
        _rejects.c.claim == receipt.claim, _rejects.c.load_task.is_not(None)
    )
    connection.execute(
        sa.update(_claims).where(_claims.c.id == receipt.claim).values(refused=count.scalar_subquery())
    )


def finish_rows(connection: sa.Connection, claim: ClaimId, part: int) -> None:
    """Record the result of all loads of a replay: which rejects are mended, and which rows were refused again.

    A row that was refused again is taken out of the replay, and stays a reject of the load tasks that do not
    have it. So it can be mended again, and no other load gets it twice.
    """
    mine = sa.and_(_mended.c.claim == claim, _mended.c.part == part)
    open_ = sa.and_(_rejects.c.claim == claim, _rejects.c.mended_in.is_(None))
    again = _refused_again(connection, claim, part)
    left = list[Row]()
    for some in chunks(again):
        these = sa.select(_rejects).where(open_, _rejects.c.offset.in_(some))
        left += connection.execute(these.order_by(_rejects.c.position)).all()
    in_replay = _rejects.c.offset.in_(sa.select(_mended.c.offset).where(mine))
    connection.execute(sa.update(_rejects).where(open_, in_replay).values(mended_in=part))
    for row in left:
        _refuse_again(connection, row, again[row.offset])
    for some in chunks(again):
        connection.execute(sa.delete(_mended).where(mine, _mended.c.offset.in_(some)))
    replay = sa.and_(_replays.c.claim == claim, _replays.c.part == part)
    connection.execute(sa.update(_replays).where(replay).values(rows=_replays.c.rows - len(again)))
    count = sa.select(sa.func.count()).where(_rejects.c.claim == claim, _rejects.c.mended_in.is_not(None))
    connection.execute(sa.update(_claims).where(_claims.c.id == claim).values(mended=count.scalar_subquery()))


def _refused_again(connection: sa.Connection, claim: ClaimId, part: int) -> Refusals:
    mine = sa.and_(_mended.c.claim == claim, _mended.c.part == part)
    offsets = {row.line: row.offset for row in connection.execute(sa.select(_mended).where(mine))}
    found: dict[int, dict[str, dict[str, Any]]] = {}
    sent = sa.select(_chunks.c.load_task, _chunks.c.refused).where(
        _chunks.c.claim == claim, _chunks.c.part == part, _chunks.c.refused.is_not(None)
    )
    for chunk in connection.execute(sent):
        for line, message, field in chunk.refused or ():
            if line not in offsets:
                continue  # an older version took the row out of the replay already
            found.setdefault(offsets[line], {})[chunk.load_task] = {
                "load_task": chunk.load_task,
                "reason": RejectReason.REFUSED_BY_DESTINATION.value,
                "message": message,
                "field": field,
                "mended_in": None,
            }
    return found


def _refuse_again(connection: sa.Connection, row: Row, refusals: Mapping[str, dict[str, Any]]) -> None:
    """Leave a reject open for the load tasks whose destinations refused its row again.

    A reject of reading becomes a reject of these load tasks: the other loads have the row now.
    """
    if row.load_task is not None:
        chosen = [refusals[row.load_task]] if row.load_task in refusals else []
    else:
        chosen = [refusals[task] for task in sorted(refusals)]
    if not chosen:
        return
    this = sa.and_(_rejects.c.claim == row.claim, _rejects.c.position == row.position)
    connection.execute(sa.update(_rejects).where(this).values(chosen[0]))
    more = [{**row._asdict(), **values} for values in chosen[1:]]
    _append(connection, row.claim, more)
    connection.execute(
        sa.update(_claims).where(_claims.c.id == row.claim).values(refused=_claims.c.refused + len(more))
    )


def _append(connection: sa.Connection, claim: ClaimId, rows: Sequence[dict[str, Any]]) -> None:
    """Store rejects after the other rejects of the file."""
    last = connection.scalar(
        sa.select(sa.func.max(_rejects.c.position)).where(
            _rejects.c.claim == claim, _rejects.c.position >= REFUSED_FROM
        )
    )
    first = REFUSED_FROM if last is None else last + 1
    places = [{"claim": claim, "position": position} for position in range(first, first + len(rows))]
    insert_many(connection, _rejects, [row | place for row, place in zip(rows, places, strict=True)])
