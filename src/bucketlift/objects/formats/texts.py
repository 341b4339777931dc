"""Joins columns of texts to lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from bucketlift.tabular.types.computing import compute


def joined(cells: Sequence[pa.Array[Any]], between: str, *, start: str = "", end: str) -> memoryview:
    """The bytes of all lines: their cells, with ``between`` between them. No cell is null."""
    wide = [cell.cast(pa.large_string()) for cell in cells]
    first = compute.binary_join_element_wise(_text(start), wide[0], _text(""))
    parts = [first, *wide[1:]]
    lines = compute.binary_join_element_wise(*parts, _text(between)) if len(parts) > 1 else parts[0]
    ended = compute.binary_join_element_wise(lines, _text(end), _text(""))
    return _bytes_of(ended)


def _text(value: str) -> pa.Scalar[Any]:
    return pa.scalar(value, pa.large_string())


def _bytes_of(lines: pa.Array[Any]) -> memoryview:
    """The contents of all values in order: Arrow stores them next to each other."""
    _, offsets, content = lines.buffers()
    if content is None or offsets is None or not len(lines):
        return memoryview(b"")
    bounds = memoryview(offsets).cast("q")
    return memoryview(content)[bounds[lines.offset] : bounds[lines.offset + len(lines)]]
