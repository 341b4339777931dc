"""Rows of a stream by the platform's fields, and their division into chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bucketlift.errors import OurFault
from bucketlift.model.delivery import Content
from bucketlift.model.load import Column, Target
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.tabular.transform.values import as_text

MAX_BYTES = 4_500_000
"""Maximum bytes of the rows of a chunk. The platform takes about 5 MB in a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A row as it is sent."""

    line: int
    data: bytes


def each_row(target: Target, rows: RowStream, columns: Sequence[Column]) -> Iterator[tuple[int, list[Any]]]:
    """Each row's source line, and the values of these columns as texts. A value is None if it is null or empty."""
    if not {SOURCE_LINE, *(column.field for column in columns)}.issubset(rows.schema.names):
        raise OurFault("The rows lack a field that the target maps", to=target.table)
    for batch in rows:
        lines: list[Any] = batch.column(SOURCE_LINE).to_pylist()
        if not columns:
            yield from ((line, []) for line in lines)
            continue
        texts = [texts_of(batch.column(column.field)) for column in columns]
        for line, *values in zip(lines, *texts, strict=True):
            yield line, values


def texts_of(values: pa.Array[Any]) -> list[str | None]:
    return [each or None for each in as_text(values).to_pylist()]


def in_chunks(
    rows: Iterable[Encoded], *, most: int, start: bytes = b"", between: bytes = b"", end: bytes = b""
) -> Iterator[Content]:
    """Contents with at most this many rows and ``MAX_BYTES``. A row that is longer is sent alone."""
    lines: list[int] = []
    parts: list[bytes] = []
    size = 0
    for row in rows:
        if lines and (len(lines) == most or size + len(row.data) + len(between) > MAX_BYTES):
            yield _content(lines, start + between.join(parts) + end)
            lines, parts, size = [], [], 0
        lines.append(row.line)
        parts.append(row.data)
        size += len(row.data) + len(between)
    if lines:
        yield _content(lines, start + between.join(parts) + end)


def body_of(content: Content) -> bytes:
    if content.body is None:
        raise OurFault("A chunk of rows has no body")
    return content.body


def _content(lines: Sequence[int], body: bytes) -> Content:
    return Content(lines=tuple(lines), sha256=hashlib.sha256(body).hexdigest(), body=body)
