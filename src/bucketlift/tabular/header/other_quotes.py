"""Detects that the cells of a file are in quotes that are not the task's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bucketlift.model.contract import Dialect
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.yaml_text import hint as in_hint

PAIRS = ('"', "'", "`", "“”", "„“", "„”", "‘’", "«»", "»«", "‹›", "”", "’")  # noqa: RUF001
"""The kinds of quotes. One character means that the opening and the closing quote are the same."""
CHECKED = 20
"""Maximum number of records that are checked."""
CHECKED_BYTES = 1 << 15
_NUMBER = re.compile(r"[-+]?[\d.,]+")
_NAMES = {"'": "single quotes", '"': "double quotes", "`": "backticks"}


def hold_for_quotes(
    data: Bytes, marks: Marks, dialect: Dialect, at: int, names: Sequence[str] = ()
) -> Hold | None:
    """The hold for a file whose cells from here on are in other quotes; otherwise None. It is not held if the
    names of the fields have these quotes too.
    """
    found = other_quotes(data, marks, dialect, at)
    if found is None or (names and all(_is_quoted(name.strip(), found) for name in names)):
        return None
    return Hold(
        reason=HeldReason.DOUBTFUL_QUOTES,
        what=what_of(found),
        hint=f"Set `{setting_of(found)}`. If these quotes are content, set `quote: none`, or accept this file.",
    )


def what_of(pair: str) -> str:
    return f"The cells are in {_NAMES.get(pair, f'quotes of another kind: {pair[0]}...{pair[-1]}')}"


def setting_of(pair: str) -> str:
    """The setting for these quotes, as it is written in a workflow file."""
    return in_hint({"dialect": {"quote": pair}})


def other_quotes(data: Bytes, marks: Marks, dialect: Dialect, at: int) -> str | None:
    """The quote that is around all names or around all cells of the first records; None if there is none."""
    if dialect.quote is None:
        return None
    text = bytes(data[at : at + CHECKED_BYTES]).decode("utf-8", "replace")
    is_cut = at + CHECKED_BYTES < len(data)
    delimiter = marks.delimiter.decode()
    first = "".join(text.split("\n", 2)[:2])
    return next(
        (
            pair
            for pair in PAIRS
            if pair != dialect.quote
            and pair[0] in first
            and _stand_in(pair, _records(text, pair, delimiter, is_cut=is_cut), header=dialect.header)
        ),
        None,
    )


def _stand_in(pair: str, records: Sequence[Sequence[str]], *, header: bool) -> bool:
    if not records:
        return False
    width = len(records[0])
    rows = records[1:] if header else records
    if header and all(_is_quoted(name, pair) for name in records[0] if name) and any(records[0]):
        return width > 1 or (bool(rows) and all(_is_quoted(row[0], pair) for row in rows))
    fitting = [row for row in rows if _is_like_quoted(row, pair)]
    quoted = {number for row in rows for number, cell in enumerate(row) if _is_quoted(cell, pair)}
    return bool(rows) and len(fitting) == len(rows) and len(quoted) > 1 and width > 1


def _is_like_quoted(row: Sequence[str], pair: str) -> bool:
    """Whether every cell is in these quotes, a number, or empty. At least one must not be empty."""
    filled = [cell for cell in row if cell]
    quoted = [cell for cell in filled if _is_quoted(cell, pair)]
    return bool(quoted) and all(_is_quoted(cell, pair) or _NUMBER.fullmatch(cell) for cell in filled)


def _is_quoted(cell: str, pair: str) -> bool:
    return len(cell) > 1 and cell[0] == pair[0] and cell[-1] == pair[-1]


def _records(text: str, pair: str, delimiter: str, *, is_cut: bool) -> list[list[str]]:
    """The cells of the first records as they are written, split with this quote, without the blanks around
    their quotes.
    """
    begin, end, split = pair[0], re.escape(pair[-1]), re.escape(delimiter)
    cell = re.compile(
        rf" *+{begin}(?:[^{end}]|{end}{end})*+{end} *+(?={split}|\r?\n|\Z)|[^{split}\n]*+", re.DOTALL
    )
    at, records, record = 0, list[list[str]](), list[str]()
    while at < len(text) and len(records) < CHECKED:
        found = cell.match(text, at)
        record.append("" if found is None else found[0].strip(" \r"))
        at = at if found is None else found.end()
        ends_cell = text.startswith(delimiter, at)
        at += 1 if ends_cell else len("\r\n") if text.startswith("\r\n", at) else 1
        if not ends_cell:
            records += [record] if any(record) else []
            record = []
    return records[:-1] if is_cut and at >= len(text) and len(records) > 1 else records
