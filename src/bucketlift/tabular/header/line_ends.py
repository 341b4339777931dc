"""Detects a text whose line ends are neither CR nor LF, so that it would be read as one record."""

from __future__ import annotations

from bucketlift.model.contract import Dialect, LineEnd
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks
from bucketlift.tabular.csv.records import Broken, whole_record

CHECKED_BYTES = 1 << 16
CHECKED = 20
"""Maximum number of records that are checked."""
_CERTAIN = {
    "\x85": "U+0085 (NEL)",
    "\u2028": "U+2028",
    "\u2029": "U+2029",
    "\x1e": "U+001E",
    "\v": "U+000B (vertical tab)",
    "\f": "U+000C (form feed)",
}
"""Characters that end lines in some programs, and that cells hardly ever contain."""
_IN_TEXT = {
    "\\r\\n": "\\r\\n as text",
    "\\n": "\\n as text",
    "<br>": "<br>",
    "<br/>": "<br/>",
    "<br />": "<br />",
    "|": "bars",
    ";": "semicolons",
    "~": "~",
    "^": "^",
    "#": "#",
}
"""Line ends that cells may contain too, such as a backslash followed by n."""
HINT = "Ask the sender for records that end with LF or CRLF."


def other_line_end(data: Bytes, dialect: Dialect, at: int, width: int | None = None) -> str | None:
    """The line end of the records from here on, if CR and LF end only one line; None if the text has more
    lines.

    ``width`` is the number of columns, if it is known. For a task that sets ``line_end``, the result is None.
    """
    text = _only_line(data, at) if dialect.line_end is LineEnd.AUTO else b""
    marks = Marks.of(dialect)
    for ends, least in ((_CERTAIN, 2), (_IN_TEXT, 3)):
        for end, name in ends.items():
            if end.encode() not in text or end == dialect.delimiter:
                continue
            widths = _widths(text, end, marks)
            is_single = end in _IN_TEXT or (width is not None and end in "\v\f")
            is_regular = len(widths) >= least and len(set(widths)) == 1 and widths[0] > is_single
            if is_regular and width in (None, widths[0]):
                return name
    return None


def hold_for_line_end(name: str) -> Hold:
    return Hold(
        reason=HeldReason.WRONG_DELIMITER,
        what=f"The records end with {name}, which is read as content",
        hint=f"{HINT} If it is content, set `dialect: {{line_end: lf}}`.",
    )


def _only_line(data: Bytes, at: int) -> bytes:
    """The only line of the text, without a cut record; empty if the text has several lines."""
    end = data.find(LF, at)
    below = b"" if end < 0 else data[end : end + CHECKED_BYTES]
    if below.strip(CR + LF):
        return b""
    text = data[at : at + CHECKED_BYTES].rstrip(CR + LF)
    return b"" if CR in text else text


def _widths(text: bytes, end: str, marks: Marks) -> list[int]:
    """The numbers of cells of the first records; 0 for a record that breaks a quote rule."""
    mark = end.encode()
    pieces = text.removesuffix(mark).split(mark, CHECKED)
    pieces = pieces[:-1] if len(pieces) > CHECKED or len(text) >= CHECKED_BYTES - 2 else pieces
    found = [whole_record(piece, marks, 0, len(piece), len(piece)) for piece in pieces]
    return [0 if isinstance(each, Broken) else each.width for each in found]
