"""Single rows of a pinned manifest: the object, its claim, and what a newer occurrence ends."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bucketlift.errors import ListingRaced
from bucketlift.ledger import tables
from bucketlift.model.claim import Pinned
from bucketlift.model.lifecycle import FileState
from bucketlift.model.source import SourceObject

_sources, _claims, _outbox = tables.source_objects, tables.claims, tables.outbox

_UNREAD = [
    state.value
    for state in (
        FileState.FOUND,
        FileState.CLAIMED,
        FileState.STAGED,
        FileState.LOADING,
        FileState.RETRYING,
        FileState.HELD,
        FileState.ARCHIVED_TIER,
    )
]


def put_source(connection: sa.Connection, pinned: Pinned, now: datetime) -> int:
    """The row of an occurrence, made where it is new.

    Raises:
        ListingRaced: the row is there, and names other bytes.
    """
    source = pinned.source
    known = connection.execute(
        sa.select(_sources.c.id, _sources.c.etag, _sources.c.size).where(
            _sources.c.store == source.store,
            _sources.c.bucket == source.bucket,
            _sources.c.key == source.key,
            _sources.c.occurrence == source.occurrence,
        )
    ).one_or_none()
    if known is not None:
        if (known.etag, known.size) != (source.etag, source.size):
            raise ListingRaced("Another run saw other bytes under the key meanwhile", to=str(source))
        return int(known.id)
    made = connection.execute(
        sa.insert(_sources).values(
            store=source.store,
            bucket=source.bucket,
            key=source.key,
            occurrence=source.occurrence,
            etag=source.etag,
            size=source.size,
            modified=pinned.modified,
            found_at=now,
        )
    )
    assert made.inserted_primary_key is not None  # noqa: S101 - an insert of one row has one
    return int(made.inserted_primary_key[0])


def put_claim(
    connection: sa.Connection,
    pinned: Pinned,
    source: int,
    workflow: str,
    task: str,
    run: str,
    now: datetime,
) -> None:
    values = {
        "state": pinned.state.value,
        "reason": pinned.reason,
        "what": pinned.what,
        "hint": pinned.hint,
        "run": run,
        "updated_at": now,
    }
    known = connection.execute(sa.update(_claims).where(_claims.c.id == pinned.claim).values(**values))
    if known.rowcount == 0:
        connection.execute(
            sa.insert(_claims).values(
                id=pinned.claim, source=source, workflow=workflow, task=task, rows=0, rejected=0, **values
            )
        )


def drop_replaced(connection: sa.Connection, newer: SourceObject, now: datetime) -> None:
    """End what was still to be done to older occurrences of a key: their bytes are there no more.

    A pending copy or delete is dropped; a file that was not read yet is superseded. Both in every workflow.
    """
    older = sa.select(_sources.c.id).where(
        _sources.c.store == newer.store,
        _sources.c.bucket == newer.bucket,
        _sources.c.key == newer.key,
        _sources.c.occurrence < newer.occurrence,
    )
    theirs = sa.select(_claims.c.id).where(_claims.c.source.in_(older))
    pending = sa.select(_outbox.c.claim).where(
        _outbox.c.claim.in_(theirs), _outbox.c.state.not_in(["done", "dropped"])
    )
    replaced = {
        "reason": "source-replaced",
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
    connection.execute(
        sa.update(_claims)
        .where(_claims.c.id.in_(theirs), _claims.c.state.in_(_UNREAD))
        .values(
            state=FileState.SUPERSEDED.value,
            reason="superseded",
            what="The object was overwritten before it was loaded",
            hint="The newer object is loaded as a file of its own.",
            updated_at=now,
        )
    )
