"""Converts rows of the ledger to values of the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import aware
from bucketlift.model.claim import Claim, ClaimId, ClaimReceipt, Suspicion
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import LoadId
from bucketlift.model.mending import Shape
from bucketlift.model.source import SourceObject, StoreId

Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"

_sources, _claims = tables.source_objects.c, tables.claims.c

SOURCE_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    _sources.store,
    _sources.bucket,
    _sources.key,
    _sources.occurrence,
    _sources.etag,
    _sources.size,
    _sources.modified,
)
CLAIM_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    *SOURCE_COLUMNS,
    *(column for column in tables.claims.columns if column.name != "source"),
)
"""The columns of a claim and of its source object, for a join of both tables."""


def stored(states: Iterable[FileState]) -> list[str]:
    """Return states as the texts that the column ``state`` contains."""
    return [state.value for state in states]


def source_of(row: Row) -> SourceObject:
    return SourceObject(
        store=StoreId(row.store),
        bucket=row.bucket,
        key=row.key,
        etag=row.etag,
        size=row.size,
        occurrence=row.occurrence,
    )


def claim_of(row: Row) -> Claim:
    return Claim(
        id=ClaimId(row.id),
        source=source_of(row),
        workflow=row.workflow,
        task=row.task,
        state=FileState(row.state),
        reason=row.reason,
        what=row.what,
        hint=row.hint,
        rows=row.rows,
        rejected=row.rejected,
        mended=row.mended,
        refused=row.refused,
        shape=None if row.shape is None else Shape(**row.shape),
        sha256=row.sha256,
        notes=tuple(row.notes or ()),
        contract=row.contract,
        accepted=frozenset(row.accepted or ()),
        choice=None if row.choice is None else tuple(row.choice),
        run=row.run,
        moved_to=row.moved_to,
        load_begun=row.load_begun,
        suspicion=None if row.suspicion is None else Suspicion(row.suspicion),
        deaths=row.deaths,
        modified=aware(row.modified),
        updated_at=aware(row.updated_at),
    )


def receipt_of(row: Row) -> ClaimReceipt:
    committed_at = aware(row.committed_at)
    assert committed_at is not None  # noqa: S101 - the column is not nullable
    return ClaimReceipt(
        claim=ClaimId(row.claim),
        load_task=row.load_task,
        load=LoadId(row.load),
        destination=row.destination,
        table=row.table,
        inserted=row.inserted,
        updated=row.updated,
        unchanged=row.unchanged,
        refused=row.refused,
        committed_at=committed_at,
    )
