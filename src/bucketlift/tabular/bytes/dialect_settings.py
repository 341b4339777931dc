"""Finds contradictions between the settings of a dialect that define which lines are not records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bucketlift.model.contract import Dialect
from bucketlift.yaml_text import hint as in_hint


class Contradiction(NamedTuple):
    key: str
    what: str
    hint: str


def contradictions(dialect: Dialect) -> Iterator[Contradiction]:
    """Yield the settings that no file can meet, and those that have no effect."""
    yield from _of_header_line(dialect)
    yield from _of_expect(dialect)
    if not dialect.header and dialect.rows_below_header:
        yield Contradiction(
            "rows_below_header",
            "`rows_below_header` cannot be used with `header: false`",
            "Leave it out; skip_lines: N leaves out lines above the first record.",
        )
    for word in dialect.footer:
        yield from _of_footer(word, dialect)


def _of_header_line(dialect: Dialect) -> Iterator[Contradiction]:
    if dialect.header_line is None:
        return
    if dialect.skip_lines:
        yield Contradiction(
            "header_line",
            "`header_line` and `skip_lines` cannot be used together",
            f"Keep one of them. The line below {dialect.skip_lines} skipped lines is header_line: {dialect.skip_lines + 1}.",
        )
    if not dialect.header:
        yield Contradiction(
            "header_line",
            "`header_line` cannot be used with `header: false`",
            f"Write skip_lines: {dialect.header_line - 1} instead, for the lines above the first record.",
        )


def _of_expect(dialect: Dialect) -> Iterator[Contradiction]:
    if not dialect.expect:
        return
    if any(not text.strip() or "\n" in text or "\r" in text for text in dialect.expect):
        yield Contradiction(
            "expect",
            "`expect` contains a text that is blank or has more than one line",
            'Write a text of one line: expect: ["Batch"].',
        )
    if dialect.header_line is None and dialect.header:
        yield Contradiction(
            "expect",
            "`expect` needs `header_line`",
            "Write the header's line: header_line: 3, expect: [...].",
        )
    elif dialect.lines_above < len(dialect.expect):
        key = "header_line" if dialect.header else "skip_lines"
        yield Contradiction(
            "expect",
            f"`expect` has {len(dialect.expect)} texts, but `{key}` leaves out only {dialect.lines_above} lines",
            "Each text must be in a separate line above the table.",
        )


def _of_footer(word: str, dialect: Dialect) -> Iterator[Contradiction]:
    if not word.strip():
        yield Contradiction("footer", "`footer` contains an empty text", 'Write a word: footer: ["Total"].')
    elif any(mark in word for mark in "\n\r\0"):
        yield Contradiction(
            "footer",
            "`footer` contains a text with more than one line",
            "Write only the first words of its first line.",
        )
    elif dialect.quote and any(mark in word for mark in dialect.quote):
        plain = re.split(f"[{re.escape(dialect.quote)}]", word.strip(dialect.quote))[0].rstrip()
        yield Contradiction(
            "footer",
            f"`footer` can never match `{word}`: it is compared with the content of cells, without quotes",
            f"Write only the text before or between the quotes: `{in_hint({'footer': [plain or 'Total']})}`.",
        )
