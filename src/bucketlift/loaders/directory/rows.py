"""Converts the rows of a stream to values of people: fields of the directory, texts, flags and transactions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bucketlift.errors import OurFault
from bucketlift.loaders.values import as_text
from bucketlift.model.directory.data_targets import ResponsesTarget
from bucketlift.model.directory.targets import FLAGGED, ContactsTarget
from bucketlift.model.load import Target
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.tabular.transform.response_times import response_text
from bucketlift.tabular.types.dates import dates_of

BATCH_ROWS = 5_000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9 ()./-]{4,30}(\s*(x|ext\.?)\s*[0-9]{1,6})?", re.IGNORECASE)
_VALID = {"Email": _EMAIL, "Phone": _PHONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    date: str
    data: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    line: int
    values: dict[str, str]
    """The values by field of the directory. An empty text removes the value that the person has."""
    transaction: Transaction | None = None


def fields_of(target: Target) -> tuple[str, ...]:
    """The fields of the directory that each row sets."""
    flags = target.flag_invalid if isinstance(target, ContactsTarget) else ()
    return (*(column.name for column in target.columns), *(FLAGGED[name] for name in flags))


def batches(stream: RowStream, target: Target) -> Iterator[list[Row]]:
    """Yield the rows in batches of at most ``BATCH_ROWS`` rows, in their order."""
    known = set(stream.schema.names)
    if not known.issuperset([SOURCE_LINE, *(column.field for column in target.columns)]):
        raise OurFault("The rows lack a field that the target maps", to=target.table)
    for batch in stream:
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield _rows(batch.slice(start, BATCH_ROWS), target)


def _rows(batch: pa.RecordBatch, target: Target) -> list[Row]:
    names = [column.name for column in target.columns]
    columns = _columns(batch, target)
    lines: list[Any] = batch.column(SOURCE_LINE).to_pylist()
    values = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    if isinstance(target, ContactsTarget):
        for name in target.flag_invalid:
            _flag(values, name)
        if target.transactions is not None:
            made = _transactions(batch, target)
            return [
                Row(line=line, values=row, transaction=each)
                for line, row, each in zip(lines, values, made, strict=True)
            ]
    return [Row(line=line, values=row) for line, row in zip(lines, values, strict=True)]


def _columns(batch: pa.RecordBatch, target: Target) -> list[list[str]]:
    """The texts of a batch, one list for each column of the target."""
    if isinstance(target, ResponsesTarget):
        found = [response_text(batch.column(each.field), each, target) for each in target.columns]
        return [[text or "" for text in texts.to_pylist()] for texts in found]
    sources = list(dict.fromkeys(column.field for column in target.columns))
    texts = {name: _texts(batch, name) for name in sources}
    return [texts[column.field] for column in target.columns]


def _texts(batch: pa.RecordBatch, name: str) -> list[str]:
    return [each or "" for each in as_text(batch.column(name)).to_pylist()]


def _flag(rows: list[dict[str, str]], name: str) -> None:
    valid, flag = _VALID[name], FLAGGED[name]
    for row in rows:
        value = row[name].strip()
        row[flag] = "" if not value or valid.fullmatch(value) else "true"


def _transactions(batch: pa.RecordBatch, target: ContactsTarget) -> Iterator[Transaction]:
    said = target.transactions
    assert said is not None  # noqa: S101 - the caller checked it
    dates = _dates(batch.column(said.date), said.format)
    columns = [_texts(batch, name) for name in said.fields]
    for date, *values in zip(dates, *columns, strict=True):
        data = {name: value for name, value in zip(said.fields, values, strict=True) if value}
        yield Transaction(date=date, data=data)


def _dates(column: Any, form: str | None) -> list[str]:
    """The dates of a column in ISO 8601.

    Every row has a valid date: other rows became rejects when the file was read.
    """
    return [each or "" for each in as_text(dates_of(column, form)).to_pylist()]
