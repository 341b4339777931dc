"""Writes CSV and TSV: nulls without quotes, and in quotes all that a reader would otherwise read differently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from bucketlift.loaders.values import as_text
from bucketlift.model.objects.file_format import ObjectFormat, ObjectLineEnd, OutputDialect, Quoting
from bucketlift.objects.formats.texts import joined
from bucketlift.tabular.types.computing import compute

BOM = b"\xef\xbb\xbf"
_LINE_ENDS = {ObjectLineEnd.LF: "\n", ObjectLineEnd.CRLF: "\r\n"}


def delimited(
    names: Sequence[str],
    batches: Iterator[Sequence[pa.Array[Any]]],
    file_format: ObjectFormat,
    dialect: OutputDialect,
) -> Iterator[bytes | memoryview]:
    """The bytes of a file. Each of ``batches`` has one array for each name."""
    lines = _Lines(file_format, dialect)
    if dialect.bom:
        yield BOM
    if dialect.header:
        yield lines.of([pa.array([name], pa.string()) for name in names])
    for columns in batches:
        yield lines.of(columns)


class _Lines:
    def __init__(self, file_format: ObjectFormat, dialect: OutputDialect) -> None:
        self._delimiter = dialect.delimiter or ("\t" if file_format is ObjectFormat.TSV else ",")
        self._quote, self._null = dialect.quote, dialect.null_text
        self._all = dialect.quoting is Quoting.ALL
        self._end = _LINE_ENDS[dialect.line_end]
        special = (self._delimiter[0], self._quote, "\r", "\n")
        null = f"^{re.escape(self._null)}$"
        # Some readers trim the blanks around a cell, and take a BOM at the start of the file away.
        self._special = "|".join((*(re.escape(each) for each in special), null, r"^[\s\x{FEFF}]|\s$"))

    def of(self, columns: Sequence[pa.Array[Any]]) -> memoryview:
        cells = [self._cells(as_text(column)) for column in columns]
        return joined(cells, self._delimiter, end=self._end)

    def _cells(self, column: pa.Array[Any]) -> Any:
        """The texts of a column as they are written; a null has the text of nulls."""
        doubled = compute.replace_substring(column, self._quote, self._quote * 2)
        quoted = compute.binary_join_element_wise(self._quote, doubled, self._quote, "")
        if self._all:
            return compute.fill_null(quoted, self._null)
        special = compute.match_substring_regex(column, self._special)
        return compute.fill_null(compute.if_else(special, quoted, column), self._null)
