"""Reads valid lines several times as fast as the exact reader, with the same result."""

from __future__ import annotations

from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, NUL, Marks

WINDOW_BYTES = 1 << 16
"""Number of bytes that a shortcut checks. If a record does not end within them, the exact reader reads it."""


def plain_lines(data: Bytes, marks: Marks, at: int) -> tuple[int, list[bytes], int]:
    """Return the offset after the checked bytes, the whole lines in them without their line ends, and the
    length of a line end.

    No lines are returned if the exact reader is needed, because the bytes contain a quote, a NUL, a CR
    without LF, mixed line ends, or no line end.
    """
    window = data[at : at + WINDOW_BYTES]
    window = window[: window.rfind(LF) + 1]
    end = at + max(1, len(window))
    if NUL in window or (marks.quote is not None and marks.quote in window):
        return end, [], 0
    line_end = LF
    if CR in window:
        line_end = CR + LF
        pairs = window.count(line_end)
        if not pairs == window.count(CR) == window.count(LF):
            return end, [], 0
    return end, window.split(line_end)[:-1], len(line_end)


def fast_record(data: Bytes, marks: Marks, at: int, end: int) -> bytes | None:
    """The record at this offset, if its quotes are valid. ``end`` is the end of its first physical line.

    In a valid record the number of quotes is odd at each line end inside a cell, and even at the record's
    end. Returns None if the record does not end within the checked bytes.
    """
    quote, begin, odd = marks.quote or LF, at, 0
    while 0 < end <= begin + WINDOW_BYTES:
        odd ^= data[at:end].count(quote) % 2
        if not odd:
            return data[begin:end]
        at, end = end, data.find(LF, end, begin + WINDOW_BYTES) + 1
    return None


def fast_cells(text: bytes, marks: Marks) -> list[bytes] | None:
    """The cells of a record, given without its line end. None if the record needs the exact reader.

    If a valid record is split at its quotes, the parts are alternately outside and inside of a cell. An empty
    part outside, between two quotes, means a doubled quote.
    """
    quote, delimiter = marks.quote or LF, marks.delimiter
    parts = text.split(quote)
    last = len(parts) - 1
    if last % 2 or (CR in text and any(CR in outside for outside in parts[::2])):
        return None
    if parts[0][-1:] not in (b"", delimiter):
        return None
    cells = parts[0][:-1].split(delimiter) if parts[0] else []
    content: list[bytes] = []
    for index in range(1, last, 2):
        content.append(parts[index])
        outside = parts[index + 1]
        if not outside and index + 1 < last:
            continue
        cells.append(quote.join(content))
        content.clear()
        if index + 1 == last:
            return _with_rest(cells, outside, delimiter)
        if outside != delimiter:
            if len(outside) < 2 or outside[:1] != delimiter or outside[-1:] != delimiter:
                return None
            cells += outside[1:-1].split(delimiter)
    return cells


def _with_rest(cells: list[bytes], rest: bytes, delimiter: bytes) -> list[bytes] | None:
    if not rest:
        return cells
    return cells + rest[1:].split(delimiter) if rest[:1] == delimiter else None
