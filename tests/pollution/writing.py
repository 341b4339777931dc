"""A writer of ours, for legal and for other styles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a table is written. What it makes is legal where delimiter and quote are what the reader expects."""

    delimiter: str = ","
    quote: str = '"'
    end: str = "\n"
    all_quoted: bool = False
    escape: str | None = None
    """Stands before a quote inside a quoted cell; None: it is doubled."""


def quoted(text: str, style: Style) -> str:
    return style.quote + text.replace(style.quote, (style.escape or style.quote) + style.quote) + style.quote


def needs_quotes(text: str, style: Style) -> bool:
    return style.all_quoted or any(mark in text for mark in (style.delimiter, style.quote, "\r", "\n"))


def cells_of(row: Iterable[str], style: Style) -> list[str]:
    """The cells as they are written. A lone empty one is quoted, or it would be a blank line."""
    written = [quoted(text, style) if needs_quotes(text, style) else text for text in row]
    return [style.quote * 2] if written == [""] else written


def line_of(row: Iterable[str], style: Style) -> bytes:
    return (style.delimiter.join(cells_of(row, style)) + style.end).encode()
