"""The loads of a directory, which are also its receipts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.loaders.directory.chunks import chunks
from bucketlift.loaders.directory.tables import loads
from bucketlift.model.load import LoadId, Receipt, WriteMode

_NOT_UNDONE = loads.c.undone_at.is_(None)


def find(connection: sa.Connection, wanted: Collection[LoadId]) -> dict[LoadId, Receipt]:
    found: dict[LoadId, Receipt] = {}
    for some in chunks(wanted):
        rows = connection.execute(sa.select(loads).where(loads.c.load_id.in_(some), _NOT_UNDONE))
        found |= {row.load_id: _receipt(row) for row in rows}
    return found


def since(connection: sa.Connection, moment: datetime, installation: str) -> tuple[Receipt, ...]:
    """The receipts of this installation and those without an installation, since a moment, oldest first."""
    ours = sa.or_(loads.c.installation.is_(None), loads.c.installation == installation)
    wanted = sa.select(loads).where(loads.c.committed_at >= text_of(moment), ours, _NOT_UNDONE)
    rows = connection.execute(wanted.order_by(loads.c.committed_at, loads.c.load_id))
    return tuple(_receipt(row) for row in rows)


def number_of(connection: sa.Connection, load: LoadId) -> int | None:
    """The number of a load that was committed and not undone; None if there is no such load."""
    found: int | None = connection.scalar(
        sa.select(loads.c.number).where(loads.c.load_id == load, _NOT_UNDONE)
    )
    return found


def add(
    connection: sa.Connection,
    receipts: Sequence[tuple[int, Receipt]],
    *,
    mode: WriteMode,
    fields: Sequence[str],
    list_: int | None,
    installation: str,
) -> None:
    """Add receipts. ``receipts`` are pairs of a load's number and its receipt."""
    rows = [
        {
            "number": number,
            "load_id": each.load,
            "kind": each.table,
            "list": list_,
            "fields": list(fields),
            "inserted": each.inserted,
            "updated": each.updated,
            "unchanged": each.unchanged,
            "committed_at": text_of(each.committed_at),
            "mode": mode.value,
            "installation": installation or None,
        }
        for number, each in receipts
    ]
    connection.execute(loads.insert(), rows)


def text_of(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _receipt(row: sa.Row[Any]) -> Receipt:
    return Receipt(
        load=LoadId(row.load_id),
        table=row.kind,
        inserted=row.inserted,
        updated=row.updated,
        unchanged=row.unchanged,
        committed_at=datetime.fromisoformat(row.committed_at),
    )
