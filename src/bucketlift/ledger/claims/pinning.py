"""Records the objects of a pinned page, and ends pending work on occurrences that were replaced by newer
ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa

from bucketlift.errors import ListingRaced
from bucketlift.ledger import tables
from bucketlift.ledger.claims.transitions import move_all
from bucketlift.ledger.db.bulk import insert_many
from bucketlift.ledger.db.rows import Row
from bucketlift.model.claim import SOURCE_REPLACED, Pinned
from bucketlift.model.lifecycle import OPEN, PENDING_ACTION, FileState
from bucketlift.model.source import SourceObject

_SOURCE = [each.name for each in fields(SourceObject)]
_sources, _claims, _outbox = tables.source_objects, tables.claims, tables.outbox


def put_sources(connection: sa.Connection, page: Sequence[Pinned], now: datetime) -> list[int]:
    """Insert these occurrences where they are missing. Returns the row ID of each, in order. All are in one
    bucket.

    Raises:
        ListingRaced: a row for the same occurrence exists already, with other bytes.
    """
    if not page:
        return []
    known = _known_sources(connection, page)
    new = [pinned for pinned in page if _place(pinned.source) not in known]
    rows = [
        {
            **{name: getattr(pinned.source, name) for name in _SOURCE},
            "modified": pinned.modified,
            "found_at": now,
            "removed_at": None,
        }
        for pinned in new
    ]
    insert_many(connection, _sources, rows)
    if new:
        known = _known_sources(connection, page)
    ids = []
    for pinned in page:
        row = known[_place(pinned.source)]
        if (row.etag, row.size) != (pinned.source.etag, pinned.source.size):
            raise ListingRaced(
                "Another run has found other bytes under the key since the listing", to=str(pinned.source)
            )
        ids.append(int(row.id))
    return ids


def _place(source: SourceObject) -> tuple[str, int]:
    return source.key, source.occurrence


def _known_sources(connection: sa.Connection, page: Sequence[Pinned]) -> dict[tuple[str, int], Row]:
    first = page[0].source
    query = sa.select(_sources).where(
        _sources.c.store == first.store,
        _sources.c.bucket == first.bucket,
        _sources.c.key.in_([pinned.source.key for pinned in page]),
    )
    return {(row.key, row.occurrence): row for row in connection.execute(query)}


def drop_replaced(connection: sa.Connection, newer: Sequence[SourceObject], now: datetime) -> None:
    """End pending work on older occurrences of these keys, because their bytes do not exist any more.

    A pending copy or delete is dropped; a file that is not finished yet is superseded. Both happen in every
    workflow.
    """
    if not newer:
        return
    newest = _sources.alias("newest")
    older = (
        sa.select(_sources.c.id)
        .join(
            newest,
            sa.and_(
                newest.c.store == _sources.c.store,
                newest.c.bucket == _sources.c.bucket,
                newest.c.key == _sources.c.key,
                newest.c.occurrence > _sources.c.occurrence,
                newest.c.etag != "",
            ),
        )
        .where(
            _sources.c.store == newer[0].store,
            _sources.c.bucket == newer[0].bucket,
            _sources.c.key.in_([source.key for source in newer]),
        )
    )
    theirs = sa.select(_claims.c.id).where(_claims.c.source.in_(older))
    pending = sa.select(_outbox.c.claim).where(
        _outbox.c.claim.in_(theirs), _outbox.c.state.not_in(["done", "dropped"])
    )
    move_all(
        connection,
        _claims.c.id.in_(pending),
        PENDING_ACTION,
        FileState.DONE,
        reason=SOURCE_REPLACED,
        what="A newer object arrived under the key before the action; it was not touched",
        hint=None,
        now=now,
    )
    connection.execute(
        sa.update(_outbox)
        .where(_outbox.c.claim.in_(theirs), _outbox.c.state.not_in(["done", "dropped"]))
        .values(state="dropped", note="source replaced", updated_at=now)
    )
    has_receipt = sa.exists().where(tables.receipts.c.claim == _claims.c.id)
    move_all(
        connection,
        _claims.c.id.in_(theirs),
        OPEN,
        FileState.SUPERSEDED,
        reason="superseded",
        what=sa.case(
            (has_receipt, "The object was overwritten after some of its loads, but before the others"),
            else_="The object was overwritten before it was loaded",
        ),
        hint="The newer object is loaded as a separate file.",
        now=now,
    )
