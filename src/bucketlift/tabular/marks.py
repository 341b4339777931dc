"""The bytes that frame records, and the patterns made of them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.model.contract import Dialect

LF = b"\n"
CR = b"\r"
NUL = b"\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """One byte each; ``quote`` is None where a quote is content."""

    delimiter: bytes
    quote: bytes | None
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
            NotAvailable: another encoding than UTF-8.
            RequestWrong: a mark is not one ASCII character, ends records, or both marks are the same.
        """
        _refuse_encoding(dialect.encoding)
        delimiter = _mark("delimiter", dialect.delimiter)
        quote = None if dialect.quote is None else _mark("quote", dialect.quote)
        if quote == delimiter:
            raise RequestWrong("The delimiter and the quote are the same character", hint="Choose two.")
        return _compiled(delimiter, quote)


def _compiled(delimiter: bytes, quote: bytes | None) -> Marks:
    split, enclose = re.escape(delimiter), re.escape(quote or b"")
    nothing = re.compile(rb"(?!)")
    return Marks(
        delimiter=delimiter,
        quote=quote,
        unquoted=re.compile(rb"[^" + split + enclose + rb"\n]*"),
        quotes=re.compile(enclose + rb"*") if quote else nothing,
        # The look behind keeps a long run from being tried again from each of its quotes.
        close=re.compile(rb"(?<!" + enclose + rb")" + enclose + rb"+(?=" + split + rb"|\r?\n|\Z)")
        if quote
        else nothing,
    )


def _refuse_encoding(encoding: str) -> None:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise RequestWrong("There is no such encoding", to=encoding, hint="Use utf-8.") from None
    if name != "utf-8":
        raise NotAvailable("Only UTF-8 is read in this version", to=encoding, hint="Use utf-8.")


def _mark(role: str, character: str) -> bytes:
    if len(character) != 1 or not character.isascii() or character in "\r\n\0":
        raise RequestWrong(
            f"The {role} must be one ASCII character, and none that ends a line",
            to=repr(character),
            hint='Common ones are "," and ";" and a tab; the usual quote is \'"\'.',
        )
    return character.encode("ascii")
