"""The rows of a pinned page: objects, their claims, and what newer occurrences end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import ListingRaced
from bucketlift.ledger import tables
from bucketlift.ledger.db.bulk import insert_many, known_values, update_many
from bucketlift.ledger.db.rows import Row, stored
from bucketlift.model.claim import SOURCE_REPLACED, Pinned
from bucketlift.model.lifecycle import OPEN, FileState
from bucketlift.model.source import SourceObject

_SOURCE = [each.name for each in fields(SourceObject)]
_sources, _claims, _outbox = tables.source_objects, tables.claims, tables.outbox


def put_sources(connection: sa.Connection, page: Sequence[Pinned], now: datetime) -> list[int]:
    """The rows of these occurrences (of one bucket), made where they are new; their ids in the same order.

    Raises:
        ListingRaced: a row is there, and names other bytes.
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
            raise ListingRaced("Another run saw other bytes under the key meanwhile", to=str(pinned.source))
        ids.append(int(row.id))
    return ids


def _place(source: SourceObject) -> tuple[str, int]:
    return source.key, source.occurrence


def _known_sources(connection: sa.Connection, page: Sequence[Pinned]) -> dict[tuple[str, int], Row]:
    first = page[0].source
    wanted = sa.select(_sources).where(
        _sources.c.store == first.store,
        _sources.c.bucket == first.bucket,
        _sources.c.key.in_([pinned.source.key for pinned in page]),
    )
    return {(row.key, row.occurrence): row for row in connection.execute(wanted)}


def put_claims(
    connection: sa.Connection, page: Sequence[tuple[Pinned, int]], common: Mapping[str, Any]
) -> None:
    """The claims of these objects, made where they are new, in the state that was pinned."""
    known = known_values(connection, _claims.c.id, [pinned.claim for pinned, _ in page])
    states = {
        pinned.claim: {
            "id": pinned.claim,
            "state": pinned.state.value,
            "reason": pinned.reason,
            "what": pinned.what,
            "hint": pinned.hint,
        }
        for pinned, _ in page
    }
    kept = {name: common[name] for name in ("run", "updated_at")}
    unread = {"rows": 0, "rejected": 0}
    update_many(
        connection,
        _claims,
        ("id",),
        [
            {
                **states[pinned.claim],
                **kept,
                **(unread if pinned.state is FileState.CLAIMED else {}),
                "was": (pinned.was or pinned.state).value,
            }
            for pinned, _ in page
            if pinned.claim in known
        ],
        was="state",
    )
    insert_many(
        connection,
        _claims,
        [
            {
                **states[pinned.claim],
                **common,
                **unread,
                "source": source,
                "load_begun": False,
                "deaths": 0,
            }
            for pinned, source in page
            if pinned.claim not in known
        ],
    )


def drop_replaced(connection: sa.Connection, newer: Sequence[SourceObject], now: datetime) -> None:
    """End what was still to be done to older occurrences of keys: their bytes are there no more.

    A pending copy or delete is dropped; a file that was not read yet is superseded. Both in every workflow.
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
    replaced = {
        "reason": SOURCE_REPLACED,
        "what": "Other bytes came under the key before the action; they were not touched",
        "updated_at": now,
    }
    connection.execute(
        sa.update(_claims)
        .where(_claims.c.id.in_(pending))
        .values(state=FileState.DONE.value, hint=None, **replaced)
    )
    connection.execute(
        sa.update(_outbox)
        .where(_outbox.c.claim.in_(theirs), _outbox.c.state.not_in(["done", "dropped"]))
        .values(state="dropped", note="source replaced", updated_at=now)
    )
    has_receipt = sa.exists().where(tables.receipts.c.claim == _claims.c.id)
    connection.execute(
        sa.update(_claims)
        .where(_claims.c.id.in_(theirs), _claims.c.state.in_(stored(OPEN)))
        .values(
            state=FileState.SUPERSEDED.value,
            reason="superseded",
            what=sa.case(
                (has_receipt, "The object was overwritten after some of its loads, and before the others"),
                else_="The object was overwritten before it was loaded",
            ),
            hint="The newer object is loaded as a file of its own.",
            updated_at=now,
        )
    )
