"""Regular expressions for a dialect: line starts, cell ends, quoted cells and NUL padding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bucketlift.model.contract import Dialect, LineEnd
from bucketlift.tabular.bytes.marks import escape_of

PADDING = "padding"
QUOTED = "quoted"


def begin_of_line(dialect: Dialect) -> str:
    """The pattern of the start of a line. If the dialect leaves out NULs, NULs may be before the line."""
    ends = ("\\r" if dialect.line_end is LineEnd.CR else "\\n") + ("\\0" if dialect.trailing_nul else "")
    return rf"(?:\A\ufeff?|(?<=[{ends}]))"


def end_of_line(dialect: Dialect) -> str:
    padding = r"\0*+" if dialect.trailing_nul else ""
    ends = r"\r|\Z" if dialect.line_end is LineEnd.CR else r"\r{0,2}\n|\Z"
    return f"(?={padding}(?:{ends}))"


def begin_of_quoted_cell(dialect: Dialect) -> str:
    """The pattern of the text before an opening quote. The match starts after the delimiter, or at the start
    of the line.
    """
    blanks = r"[ \t]*" if dialect.blank_around_quotes else ""
    ends = r"\r\n\0" if dialect.trailing_nul else r"\r\n"
    return rf"(?:\A\ufeff?|(?<={re.escape(dialect.delimiter)})|(?<=[{ends}])){blanks}"


def padding_groups(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Yield the patterns of NULs at the start and the end of records, and of NULs elsewhere."""
    if not dialect.trailing_nul:
        return
    escape = re.escape(escape_of(dialect) or "")
    end = "\\r" if dialect.line_end is LineEnd.CR else "\\n"
    content = f"(?<!{escape}{end})" if escape else ""
    before = rf"(?:\A|(?<=[{end}\ufeff]){content})"
    # A CR at the end of the text may be followed by an LF; a CR that ends no record is a reject anyway.
    behind = r"(?=\r|\Z)" if dialect.line_end is LineEnd.CR else r"(?=\r{0,2}(?:\n|\Z))"
    yield PADDING, rf"{before}\0++|\0++{behind}"
    yield "nuls", r"\0++"


def quoted_group(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Yield the pattern of a quoted cell, so that a line end inside the cell does not count as the end of a
    padded record.
    """
    if dialect.trailing_nul and dialect.quote is not None and not dialect.borders:
        escape = re.escape(escape_of(dialect) or "")
        begin, close = re.escape(dialect.quote[0]), re.escape(dialect.quote[-1])
        guard = "=?" if dialect.formula_guard else ""
        escaped = rf"|{escape}[\s\S]" if escape else ""
        inside = rf"(?:[^{close}{escape}]++|{close}{close}{escaped})*+"
        yield QUOTED, rf"{begin_of_quoted_cell(dialect)}{guard}{begin}{inside}(?:{close}|\Z)"
