"""Our reader by its public face: as it comes, and with any number of rejects allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bucketlift
from bucketlift.errors import FileHeld
from pollution.case import Base
from pollution.judge import Read

Reader = Callable[[Path, Base], Read]
"""Reads a file of which it knows the delimiter and the clean table's names."""

REFUSED = Read(refused=True)


def bucketlift_default(path: Path, base: Base) -> Read:
    return _bucketlift(path, base, max_rejected=0)


def bucketlift_tolerant(path: Path, base: Base) -> Read:
    return _bucketlift(path, base, max_rejected=None)


def bucketlift_answered(path: Path, base: Base) -> Read:
    """With any rejects, for a task that says that every record below the header is data."""
    return _bucketlift(path, base, max_rejected=None, rows_below_header=0)


def _bucketlift(
    path: Path, base: Base, max_rejected: int | None, rows_below_header: int | None = None
) -> Read:
    contract = bucketlift.Contract(
        fields=tuple(bucketlift.Field(name=name) for name in base.table.names),
        dialect=bucketlift.Dialect(delimiter=base.style.delimiter, rows_below_header=rows_below_header),
    )
    try:
        found = bucketlift.read_file(path, contract=contract, max_rejected=max_rejected)
    except FileHeld:
        return REFUSED
    columns = [found.rows.column(name).to_pylist() for name in base.table.names]
    return Read(
        rows=tuple(zip(*columns, strict=True)),
        lines=tuple(map(int, found.lines.to_numpy())),
        rejects=tuple((each.offset, each.offset + len(each.raw)) for each in found.rejects),
    )


OURS: dict[str, Reader] = {"bucketlift": bucketlift_default, "bucketlift, any rejects": bucketlift_tolerant}
