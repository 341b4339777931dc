"""Writes one JSON object per line. Numbers have all their digits, and dates and times are ISO 8601 texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from bucketlift.loaders.values import as_text
from bucketlift.objects.formats.texts import joined
from bucketlift.tabular.types.computing import compute

_ESCAPED = r'["\\\x00-\x1f\x7f]'
"""Characters that JSON escapes; DEL need not be, but Python escapes nothing else than these."""


def json_lines(names: Sequence[str], batches: Iterator[Sequence[pa.Array[Any]]]) -> Iterator[memoryview]:
    """The bytes of a file. Each of ``batches`` has one array for each name."""
    keys = [f"{json.dumps(name, ensure_ascii=False)}:" for name in names]
    for columns in batches:
        cells = [
            compute.binary_join_element_wise(key, _values(column), "")
            for key, column in zip(keys, columns, strict=True)
        ]
        yield joined(cells, ",", start="{", end="}\n")


def _values(column: pa.Array[Any]) -> Any:
    kind, text = column.type, as_text(column)
    if not (pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)):
        text = _quoted(text)
    return compute.fill_null(text, "null")


def _quoted(text: pa.Array[Any]) -> Any:
    escaped = compute.match_substring_regex(text, _ESCAPED)
    if compute.any(escaped).as_py():
        written = [
            None if each is None else json.dumps(each, ensure_ascii=False) for each in text.to_pylist()
        ]
        return pa.array(written, pa.string())
    return compute.binary_join_element_wise('"', text, '"', "")
