"""The rows of a staged file that become rejects, with a reason for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.tabular.types.computing import compute

Column: TypeAlias = "pa.ChunkedArray[Any]"
Kind = tuple[RejectReason, str]
"""A reason, and the field to which it refers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """Why one staged row becomes a reject. ``row`` counts from 0."""

    row: int
    line: int
    reason: RejectReason
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFaults:
    """One code per row: 0 if the row has no fault, otherwise the number (from 1) of the kind of its first
    fault.
    """

    codes: Column
    lines: Column
    kinds: tuple[Kind, ...]

    @property
    def rows(self) -> int:
        return int(compute.sum(compute.not_equal(self.codes, 0)).as_py() or 0)

    @property
    def kept(self) -> Column:
        """For each row, whether it has no fault."""
        return cast("Column", compute.equal(self.codes, 0))

    def __iter__(self) -> Iterator[RowFault]:
        """Yield the faults in the order of their rows."""
        for row in compute.indices_nonzero(self.codes):
            at = row.as_py()
            reason, field = self.kinds[self.codes[at].as_py() - 1]
            yield RowFault(row=at, line=self.lines[at].as_py(), reason=reason, field=field)


def no_codes(rows: int) -> pa.Array[Any]:
    return pa.repeat(pa.scalar(0, pa.int32()), rows)


def with_code(codes: Any, wrong: Any, code: int) -> Any:
    """The codes, with ``code`` set for each row for which ``wrong`` is true. A row that has a code keeps it."""
    first = compute.and_(compute.fill_null(wrong, fill_value=False), compute.equal(codes, 0))
    return compute.if_else(first, pa.scalar(code, pa.int32()), codes)
