"""Our reader as it comes, and with any number of rejects allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bucketlift.model.contract import Contract, Dialect, Field
from bucketlift.model.rows import SOURCE_LINE
from bucketlift.model.workflow import NO_REJECTS, RejectLimit
from bucketlift.tabular.reading import read_file
from bucketlift.tabular.staging import open_rejects, open_rows
from pollution.case import Base
from pollution.judge import Read

Reader = Callable[[Path, Base], Read]
"""Reads a file of which it knows the delimiter and the clean table's names."""

REFUSED = Read(refused=True)


def bucketlift_tolerant(path: Path, base: Base) -> Read:
    return _bucketlift(path, base, RejectLimit())


def bucketlift_default(path: Path, base: Base) -> Read:
    return _bucketlift(path, base, NO_REJECTS)


def _bucketlift(path: Path, base: Base, limit: RejectLimit) -> Read:
    staged, rejects = path.with_name("rows.arrow"), path.with_name("rejects.arrow")
    fields = tuple(Field(name=name) for name in base.table.names)
    contract = Contract(fields=fields, dialect=Dialect(delimiter=base.style.delimiter))
    reading = read_file(path, contract=contract, staged=staged, rejects=rejects, max_rejected=limit)
    if reading.hold is not None:
        return REFUSED
    with open_rows(staged) as stream:
        records = [each for batch in stream for each in batch.to_pylist()]
    return Read(
        rows=tuple(tuple(each[name] for name in base.table.names) for each in records),
        lines=tuple(each[SOURCE_LINE] for each in records),
        rejects=tuple((each.offset, each.offset + len(each.raw)) for each in open_rejects(rejects)),
    )


OURS: dict[str, Reader] = {"bucketlift": bucketlift_default, "bucketlift, any rejects": bucketlift_tolerant}
