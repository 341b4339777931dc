"""Finds the delimiter of a text, if it is not the task's delimiter."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Dialect, LineEnd
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks
from bucketlift.tabular.csv.records import Broken, whole_record
from bucketlift.tabular.decode.rewriting import Rewriting
from bucketlift.tabular.header.header import fold, skip_blank_lines

CHECKED = 100
"""Maximum number of records that are checked."""
CHECKED_BYTES = 1 << 16
NAMES = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
_LONGER = ("||", "~|~", "|~|", "^|^", "|^|", "~^~", "^~^", "~~", "^^", "::", ";;", "##", "$$", "<>", "\t|\t")
_SINGLE = (
    ";",
    "\t",
    "|",
    ",",
    "^",
    "~",
    "\uff0c",
    "\uff1b",
    "\uff5c",
    "¦",
    "§",
    "¬",
    "þ",
    "\x01",
    "\x02",
    "\x07",
    "\x1c",
    "\x1d",
    "\x1f",
)

DELIMITERS = (*_LONGER, *_SINGLE)

_IN_TEXT = {":": 3, "->": 2}
"""Delimiters that also occur in plain text. The number is the minimum of columns at which we trust such a
delimiter if the column names are not known.
"""
_NAME = re.compile(r"[^\W\d](?:.*\S)?")


_RULE = re.compile(rb"(?=.*(?:---|===))[-=+|: ]*+\r?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Separator:
    """Another delimiter. If ``delimiter`` is None, whole lines are in quotes."""

    delimiter: str | None
    borders: bool = False
    """Whether the file is a list with bars between its cells and lines of dashes."""
    quote: str | None = None
    """Another quote that is used together with the delimiter; None if the quote is the task's."""

    @property
    def what(self) -> str:
        if self.borders:
            return "The file is a list with bars between its cells and lines of dashes"
        if self.delimiter is None:
            return "Every line as a whole is in quotes"
        return f"The cells are separated by {NAMES.get(self.delimiter, self._quoted)}"

    @property
    def _quoted(self) -> str:
        mark = self.delimiter or ""
        return json.dumps(mark, ensure_ascii=mark < " ")

    @property
    def settings(self) -> dict[str, Any]:
        """The setting, with the keys of a workflow file."""
        if self.borders:
            return {"preset": "sap"}
        if self.delimiter is None:
            return {"quoted_lines": True}
        return {"delimiter": self.delimiter} | ({"quote": self.quote} if self.quote else {})

    @property
    def in_file(self) -> str:
        """The setting, as it is written in a workflow file."""
        if self.borders:
            return "`dialect: {preset: sap}`"
        if self.delimiter is None:
            return "`dialect: {quoted_lines: true}`"
        quote = f', quote: "{self.quote}"' if self.quote else ""
        return f"`dialect: {{delimiter: {self._quoted}{quote}}}`"

    @property
    def on_page(self) -> str:
        if self.borders:
            return '"Program that writes the files" to "SAP list"'
        if self.delimiter is None:
            return '"Whole lines in quotes" to "yes"'
        quote = f", and the quote to {self.quote}" if self.quote else ""
        return f"the delimiter to {'tab' if self.delimiter == chr(9) else self.delimiter}{quote}"

    @property
    def on_command(self) -> str:
        if self.borders:
            return "--preset sap"
        if self.delimiter is None:
            return "--quoted-lines"
        escaped = json.dumps(self.delimiter)[1:-1] if self.delimiter < " " else self.delimiter
        return f"--delimiter '{escaped}'" + (f" --quote '{self.quote}'" if self.quote else "")


def other_separator(data: Bytes, dialect: Dialect, at: int, names: Sequence[str] = ()) -> Separator | None:
    """The separator with which all lines from here on have the same number of cells; None if the dialect's
    own separator fits.

    ``names`` are the column names, if they are known. A row in which another delimiter finds these names is
    sufficient evidence.
    """
    text = _beginning(data, at)
    own = _rows(text, dialect)
    if own is not None and len(own[0]) > 1 and _is_regular(own):
        return _as_regular(text, dialect, len(own[0]))
    if own is not None and _stands_in_quotes(text, own, dialect):
        return Separator(delimiter=None)
    is_single = own is not None and len(own[0]) == 1
    if is_single and not dialect.borders and _has_borders(text):
        return Separator(delimiter="|", borders=True)
    if concordance := _of_concordance(text, dialect, names):
        return concordance
    found = [
        (all(map(str.strip, rows[0])), len(rows[0]), len(mark), mark)
        for mark in (*DELIMITERS, *_IN_TEXT)
        if mark != dialect.delimiter
        and (is_single or names or mark not in _IN_TEXT)
        and (rows := _rows_with(text, dialect, mark))
        and (
            _fits(rows, mark, names)
            or (is_single and (_mostly_fits(rows, mark) or _is_everywhere(rows, mark)))
        )
    ]
    return Separator(delimiter=max(found, key=lambda each: each[:3])[3]) if found else None


def _of_concordance(text: bytes, dialect: Dialect, names: Sequence[str]) -> Separator | None:
    """The separator if the text has the format of load files for legal documents (Concordance): þ around each
    cell, and U+0014 between cells.
    """
    rows = _rows_with(text, replace(dialect, quote="þ"), "\x14") if dialect.delimiter != "\x14" else None
    return Separator(delimiter="\x14", quote="þ") if rows and _fits(rows, "\x14", names) else None


def _as_regular(text: bytes, dialect: Dialect, width: int) -> Separator | None:
    """Another usual delimiter that fits as well as the dialect's delimiter. (With decimal commas, one column
    looks like two.)
    """
    for mark in (";", "\t"):
        rows = _rows_with(text, dialect, mark) if mark != dialect.delimiter else None
        if rows and len(rows[0]) >= width and _fits(rows, mark, ()):
            return Separator(delimiter=mark)
    return None


def _beginning(data: Bytes, at: int) -> bytes:
    """The first lines, without a line that is cut."""
    text = data[at : at + CHECKED_BYTES]
    return text if at + len(text) >= len(data) else text[: text.rfind(LF) + 1]


def _rows_with(text: bytes, dialect: Dialect, delimiter: str) -> list[list[str]] | None:
    if delimiter.encode() not in text.lstrip(CR + LF).split(LF, 1)[0]:
        return None
    try:
        changed = replace(
            dialect, delimiter=delimiter, line_end=LineEnd.AUTO, formula_guard="=" not in delimiter
        )
        return _rows(_framed(text, changed), changed)
    except RequestWrong:
        return None


def _framed(text: bytes, dialect: Dialect) -> bytes:
    """The text with one ASCII character in place of a longer delimiter."""
    rewriting = Rewriting.of(dialect)
    if rewriting is None:
        return text
    return rewriting.whole(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _rows(text: bytes, dialect: Dialect) -> list[list[str]] | None:
    """The first records; None if one of them breaks a quote rule."""
    marks, at, rows = Marks.of(dialect), 0, list[list[str]]()
    while at < len(text) and len(rows) < CHECKED:
        if text[at : at + 1] in (CR, LF):
            at, _ = skip_blank_lines(text, at)
        found = whole_record(text, marks, at, CHECKED_BYTES, CHECKED_BYTES)
        if isinstance(found, Broken):
            return rows if rows and at and text.find(LF, at) < 0 else None
        if found.width > 1 or found.cells[0].strip():
            rows.append([cell.decode("utf-8", "replace") for cell in found.cells])
        at = found.end
    return rows or None


def _is_regular(rows: Sequence[Sequence[str]]) -> bool:
    """Whether all rows have as many cells as the first row. If there are four or more rows, the last one may
    differ, because it may be a total.
    """
    looked_at = rows[:-1] if len(rows) > 4 else rows
    return all(len(row) == len(rows[0]) for row in looked_at)


def _fits(rows: list[list[str]], mark: str, names: Sequence[str]) -> bool:
    if len(rows[0]) < 2:
        return False
    expected = {fold(name) for name in names}
    if expected and 2 * len(expected & {fold(cell) for cell in rows[0]}) > len(expected) > 1:
        return True
    if mark in _IN_TEXT:
        return len(rows[0]) >= _IN_TEXT[mark] and _is_table(rows)
    return _is_regular(rows) and not _is_prose(rows, mark)


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether there are several rows, all with the same number of cells and without blanks around cells, and
    the first row has names.
    """
    cells = [cell for row in rows for cell in row]
    is_compact = len(rows) > 2 and all(cell == cell.strip() for cell in cells)
    is_named = len(set(rows[0])) == len(rows[0]) and all(map(_NAME.fullmatch, rows[0]))
    has_words = any(not cell.isdigit() for row in rows[1:] for cell in row)
    return is_compact and is_named and has_words and all(len(row) == len(rows[0]) for row in rows)


def _has_borders(text: bytes) -> bool:
    """Whether most lines have bars, and some are lines of dashes: ``+----+``, ``|----|``, ``----+----``."""
    lines = [line for line in text.split(LF)[:CHECKED] if line.strip()]
    others = [line for line in lines if not _RULE.fullmatch(line)]
    return len(others) < len(lines) and 2 * sum(b"|" in line for line in others) > len(others)


def _mostly_fits(rows: list[list[str]], mark: str) -> bool:
    """Whether the header and most lines have the same number of this delimiter. A few other lines are
    ignored.
    """
    below = rows[1:]
    like = [row for row in below if len(row) == len(rows[0])]
    if mark not in NAMES or len(rows[0]) < (3 if mark == "," else 2):
        return False
    is_named = all(name.strip() for name in rows[0])
    return 2 * len(like) > len(below) and is_named and not _is_prose([rows[0], *like], mark)


def _is_everywhere(rows: Sequence[Sequence[str]], mark: str) -> bool:
    """Whether the header and at least half of the lines have a tab, or two bars. Other lines are allowed,
    because there may be several kinds of records.
    """
    least = {"\t": 2, "|": 3}.get(mark)
    if least is None or len(rows[0]) < least:
        return False
    return 2 * sum(len(row) >= least for row in rows[1:]) >= len(rows) - 1


def _is_prose(rows: Sequence[Sequence[str]], mark: str) -> bool:
    """Whether every line has one delimiter followed by a blank, as in names of people: ``Smith, John``."""
    if mark.strip() == "" or len(rows[0]) > 2:
        return False
    return all(row[-1][:1] == " " for row in rows)


def _stands_in_quotes(text: bytes, rows: Sequence[Sequence[str]], dialect: Dialect) -> bool:
    if dialect.quote is None or any(len(row) != 1 for row in rows):
        return False
    quote = dialect.quote[:1].encode()
    lines = [line.removesuffix(CR) for line in text.split(LF) if line.removesuffix(CR)][: len(rows)]
    if not all(line[:1] == quote and line[-1:] == quote for line in lines):
        return False
    inner = _rows("\n".join(row[0] for row in rows).encode(), dialect)
    return inner is not None and len(inner) == len(rows) and _fits(inner, dialect.delimiter, ())
