"""Encodes batches as text for COPY. The text of a value is always the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.batches import LINE, PLACE, SEQUENCE, value
from bucketlift.loaders.fit import Fit
from bucketlift.model.load import LoadId, Target

_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
# https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". CSV is not used: up to version 17, a
# line \. inside a quoted value ends the data.
_NULL = "\\N"


def text_schema(target: Target) -> pa.Schema:
    """The schema of batches for COPY: every value is a text."""
    fields: list[tuple[str, pa.DataType]] = [(value(at), pa.string()) for at in range(len(target.columns))]
    return pa.schema([*fields, (PLACE, pa.int64()), (LINE, pa.int64()), (SEQUENCE, pa.int64())])


def staged_lines(batch: pa.RecordBatch, target: Target) -> memoryview:
    """The lines of a batch for the staging table, with every column of the batch."""
    values = _values(batch, target)
    return _lines([*values, *(_text(batch.column(name)) for name in (PLACE, LINE, SEQUENCE))])


def table_lines(batch: pa.RecordBatch, target: Target, fit: Fit, load: LoadId) -> memoryview:
    """The lines of a batch for the table.

    They have the table's own columns, then the line number and load ID if the table has columns for them.
    """
    columns = _values(batch, target)
    if fit.source_line:
        columns.append(_text(batch.column(LINE)))
    if fit.load_id:
        # The same for all rows, so it includes the newline. This is a third faster than joining the newline
        # to a column.
        return _content(_joined([*columns, pa.scalar(f"{load}\n")], "\t"))
    return _lines(columns)


def _values(batch: pa.RecordBatch, target: Target) -> list[pa.Array[Any]]:
    return [_escaped(batch, at, target) for at in range(len(target.columns))]


def _escaped(batch: pa.RecordBatch, at: int, target: Target) -> pa.Array[Any]:
    column = batch.column(at)
    content = bytes(_content(column))  # A search in the bytes takes a tenth of the time of Arrow's search.
    if b"\0" in content:
        _refuse_nul(batch, at, target)
    for character, escape in _ESCAPES:
        if character.encode() in content:
            column = pc.replace_substring(column, character, escape)
    return column


def _refuse_nul(batch: pa.RecordBatch, at: int, target: Target) -> None:
    found = pc.index(pc.match_substring(batch.column(at), "\0"), True).as_py()
    if found < 0:
        return
    raise DestinationRefused(
        f"The value for the column {target.columns[at].name} in line {batch.column(LINE)[found].as_py()} has a NUL "
        "character, which PostgreSQL cannot store",
        to=f"table {target.table}",
        hint="Remove the character from the file.",
    )


def _text(column: pa.Array[Any]) -> pa.Array[Any]:
    return column.cast(pa.string())


def _lines(columns: Sequence[pa.Array[Any]]) -> memoryview:
    *others, last = columns
    return _content(_joined([*others, _joined([last, pa.scalar("\n")], "")], "\t"))


def _joined(columns: Sequence[pa.Array[Any] | pa.Scalar[Any]], between: str) -> pa.Array[Any]:
    joined: pa.Array[Any] = pc.binary_join_element_wise(  # type: ignore[call-overload]  # the stubs know no mixture
        *columns, between, null_handling="replace", null_replacement=_NULL
    )
    return joined


def _content(column: pa.Array[Any]) -> memoryview:
    """The bytes of all values of a column, one after the other."""
    _, offsets, content = column.buffers()
    if offsets is None or content is None or not len(column):
        return memoryview(b"")
    ends = memoryview(offsets).cast("i")
    return memoryview(content)[ends[column.offset] : ends[column.offset + len(column)]]
