"""Detects a text whose columns have a fixed width, so that blanks separate them and there is no delimiter."""

from __future__ import annotations

from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import LF

CHECKED = 20
"""Maximum number of lines that are checked."""
CHECKED_BYTES = 1 << 14


def has_fixed_width(data: Bytes, at: int) -> bool:
    """Whether the first line names columns with wide gaps, and all lines have blanks at the same places.

    Most of the other lines must have a wide gap too, because one name with two blanks does not make columns.
    """
    text = data[at : at + CHECKED_BYTES]
    whole = text if at + len(text) >= len(data) else text[: text.rfind(LF) + 1]
    lines = [line.decode("utf-8", "replace").rstrip() for line in whole.split(LF)]
    header, *rows = [line for line in lines if line][:CHECKED] or [""]
    wide = [row for row in rows if "  " in row.strip()]
    if "  " not in header.strip() or len(rows) < 2 or 2 * len(wide) <= len(rows):
        return False
    return _gaps([header, *rows]) > 0


def _gaps(lines: list[str]) -> int:
    """The number of places between other characters at which all lines have a blank."""
    width = max(map(len, lines))
    is_blank = [all(line[place : place + 1] in ("", " ") for line in lines) for place in range(width)]
    parts = "".join(" " if blank else "x" for blank in is_blank).split()
    return len(parts) - 1
