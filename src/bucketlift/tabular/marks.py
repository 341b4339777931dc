"""The bytes that frame records, and the patterns made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Dialect

LF = b"\n"
CR = b"\r"
NUL = b"\0"
MASKED = b"\xff"
"""Stands before scratch codes of escaped bytes; UTF-8 has none of these."""
ESCAPED_LF = MASKED + b"\xfb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """One byte each; ``quote`` is None where a quote is content, ``escape`` where there is none."""

    delimiter: bytes
    quote: bytes | None
    escape: bytes | None
    """Masked before anything is framed (see ``escapes``): who reads cells must put back what it stood for."""
    masked: tuple[tuple[bytes, bytes], ...]
    """What stands in a masked file for an escape with the byte behind it, and that byte."""
    unquoted: re.Pattern[bytes]
    """The content of an unquoted cell; a CR before an LF is still in it."""
    quotes: re.Pattern[bytes]
    """A run of quotes, possibly of none."""
    close: re.Pattern[bytes]
    """A run of quotes that a delimiter or a record's end follows."""

    @staticmethod
    def of(dialect: Dialect) -> Marks:
        """Compile a dialect.

        Raises:
            RequestWrong: a mark is not one ASCII character, ends records, or two marks are the same.
        """
        delimiter = mark("delimiter", dialect.delimiter)
        quote = None if dialect.quote is None else mark("quote", dialect.quote)
        escape = None if dialect.escape is None else mark("escape", dialect.escape)
        if quote == delimiter:
            raise RequestWrong("The delimiter and the quote are the same character", hint="Choose two.")
        if escape == delimiter:
            raise RequestWrong("The delimiter and the escape are the same character", hint="Choose two.")
        if escape is not None and escape == quote:
            hint = "Leave the escape out: a quote that is doubled inside quotes is always read as one."
            raise RequestWrong("The quote and the escape are the same character", hint=hint)
        return _compiled(delimiter, quote, escape)


def _compiled(delimiter: bytes, quote: bytes | None, escape: bytes | None) -> Marks:
    split, enclose = re.escape(delimiter), re.escape(quote or b"")
    nothing = re.compile(rb"(?!)")
    return Marks(
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        masked=_masked(delimiter, quote, escape),
        unquoted=re.compile(rb"[^" + split + enclose + rb"\n]*"),
        quotes=re.compile(enclose + rb"*") if quote else nothing,
        # The look behind keeps a long run from being tried again from each of its quotes.
        close=re.compile(rb"(?<!" + enclose + rb")" + enclose + rb"+(?=" + split + rb"|\r?\n|\Z)")
        if quote
        else nothing,
    )


def _masked(delimiter: bytes, quote: bytes | None, escape: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
    if escape is None:
        return ()
    pairs = [
        (ESCAPED_LF, LF),
        (MASKED + b"\xf8", delimiter),
        (MASKED + b"\xf9", quote),
        (MASKED + b"\xfa", escape),
    ]
    return tuple((code, byte) for code, byte in pairs if byte is not None)


def mark(role: str, character: str) -> bytes:
    """A character as the byte that it is.

    Raises:
        RequestWrong: it is not one ASCII character, or it ends lines.
    """
    if len(character) != 1 or not character.isascii() or character in "\r\n\0":
        raise RequestWrong(
            f"The {role} must be one ASCII character, and none that ends a line",
            to=repr(character),
            hint='Common ones are "," and ";" and a tab; the usual quote is \'"\'.',
        )
    return character.encode("ascii")
