"""Distinguishes the text of an e-mail around a PGP message from rows that must not be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bucketlift.model.contract import Contract

LONGEST = 4096
"""Maximum characters of an e-mail's text, not counting its headers."""
MOST_BYTES = 1 << 16
"""Maximum bytes of an e-mail's text, including its headers."""
_SEPARATORS = (",", ";", "\t", "|")
_START = re.compile(
    r"From |(?:From|To|Cc|Subject|Date|Received|Return-Path|Delivered-To|Message-ID|MIME-Version|Content-[A-Za-z-]+):",
    re.IGNORECASE,
)
_HEADER = re.compile(r"[!-9;-~]+:(?:\s|$)|[ \t]")
"""Matches another header of an e-mail, or a line that continues a header."""
_RULER = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(?<=[^\W\d_] )\d+(?:[.,]\d+)+")
"""Matches a number in a sentence: ``about 1,000 rows``."""
_ALIGNED = re.compile(r"\S {2,}\S")
_CONTROL = re.compile(r"[^\t\r\n\x20-\x7e\x85\xa0-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm:
    """What the records of a task look like."""

    delimiter: str = ","
    columns: int | None = None
    """Number of columns; None if not known yet."""

    @staticmethod
    def of(contract: Contract) -> RecordForm:
        return RecordForm(delimiter=contract.dialect.delimiter, columns=len(contract.fields) or None)


UNKNOWN = RecordForm()


def is_mail_text(text: bytes, form: RecordForm) -> bool:
    """Whether the text is that of an e-mail, with or without headers, and no line of it can be a row of the
    task.

    In a table of one column, every line can be a row, so only headers are accepted as text of an e-mail.
    """
    decoded = _decoded(text) if len(text) <= MOST_BYTES else None
    if decoded is None or _CONTROL.search(decoded):
        return False
    lines = [_NUMBER.sub("0", line) for line in _body(decoded.splitlines())]
    if form.columns == 1 and lines:
        return False
    return sum(map(len, lines)) <= LONGEST and not _has_records(lines, form)


def _decoded(text: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return text.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _body(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines, without blank lines, rulers, and headers of the e-mail or of its parts."""
    may_start, in_headers = True, False
    for line in lines:
        in_headers = bool((may_start and _START.match(line)) or (in_headers and _HEADER.match(line)))
        if in_headers or not line.strip():
            continue
        may_start = line.startswith("--")
        if not may_start and not _RULER.fullmatch(line):
            yield line.strip(" ")


def _has_records(lines: Sequence[str], form: RecordForm) -> bool:
    delimiters = {form.delimiter, *_SEPARATORS}
    cells = max((form.columns or 2) - 1, 1)
    if any(_separates(line, each) and line.count(each) >= cells for line in lines for each in delimiters):
        return True
    dense = [line for line in lines if any(_separates(line, each) for each in delimiters)]
    loose = [line for line in lines if line in dense or _may_be_row(line, form.delimiter, cells)]
    return (bool(dense) and 2 * len(dense) >= len(lines)) or len(loose) > max(1, len(lines) // 2)


def _separates(line: str, delimiter: str) -> bool:
    """Whether the line uses the delimiter to separate cells. In a sentence, a blank follows the comma."""
    if delimiter not in _SEPARATORS:
        return delimiter in line
    return re.search(rf"{re.escape(delimiter)}[^ \n]", line) is not None


def _may_be_row(line: str, delimiter: str, cells: int) -> bool:
    inside = line.count(delimiter) == cells and not line.endswith(delimiter)
    return inside or _ALIGNED.search(line) is not None
