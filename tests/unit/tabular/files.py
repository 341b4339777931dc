"""Small files read whole, so that a test can compare all that came of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bucketlift.model.contract import Contract, Dialect, Field
from bucketlift.model.rows import Reading, Reject, RejectReason
from bucketlift.model.transforms.row_checks import RowChecks, UpsertKey
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.staging import open_rejects, open_rows
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import Blank, Framed, Record, Skipped
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest

ANY = RejectLimit()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A reading, without its verdict, with the rows (the line comes last) and the rejects that it staged."""

    reading: Reading
    rows: list[tuple[Any, ...]] | None
    rejects: list[Reject]


def a_contract(*names: str, **settings) -> Contract:
    return Contract(fields=tuple(Field(name=name) for name in names or ("id", "name")), **settings)


def read(
    tmp_path: Path,
    data: bytes,
    contract: Contract | None = None,
    *,
    keys=(),
    transforms=(),
    max_rejected=ANY,
    **way: Any,
) -> Outcome:
    """Read bytes as a file of the columns id and name."""
    source, staged, rejects = tmp_path / "source", tmp_path / "rows.arrow", tmp_path / "rejects.arrow"
    source.write_bytes(data)
    reading = read_file(
        source,
        ReadRequest(
            contract=contract or a_contract(),
            staged=staged,
            rejects=rejects,
            max_rejected=max_rejected,
            checks=RowChecks(keys=tuple(UpsertKey(fields=key) for key in keys), transforms=transforms),
            **way,
        ),
    )
    rows = staged_rows(staged) if staged.exists() else None
    return Outcome(reading=replace(reading, verdict=None), rows=rows, rejects=list(open_rejects(rejects)))


def staged_rows(staged: Path) -> list[tuple[Any, ...]]:
    with open_rows(staged) as stream:
        return [tuple(row.values()) for batch in stream for row in batch.to_pylist()]


def framed(
    data: Bytes, width: int = 2, dialect: Dialect | None = None, **limits: int
) -> list[tuple[str, ...]]:
    """What is framed, in short: ``row`` with its cells, ``blank``, or a reject's reason with its bytes."""
    framer = Framer(data, Marks.of(dialect or Dialect()), width=width, at=0, line=1, **limits)
    return [short(each) for each in framer]


def short(each: Framed) -> tuple[str, ...]:
    match each:
        case Record():
            return ("row", *(cell.decode() for cell in each.cells))
        case Blank():
            return ("blank",)
        case Skipped():
            return ("skipped", each.what)
        case Reject():
            return (each.reason, each.raw.decode())


def a_reject(line: int, offset: int, raw: bytes, reason: RejectReason, field: str | None = None) -> Reject:
    return Reject(line=line, offset=offset, raw=raw, reason=reason, field=field)
