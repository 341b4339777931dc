"""The bytes that separate records and cells, and the patterns that are made from them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Dialect, Escapes, LineEnd

LF = b"\n"
CR = b"\r"
NUL = b"\0"
FORM_FEED = b"\f"
BOM = b"\xef\xbb\xbf"
MASKED = b"\xff"
"""The first byte of every replacement code of two bytes. This byte does not occur in UTF-8."""
ESCAPED_LF = MASKED + b"\xfb"
"""The replacement code of an escaped line end. It ends a physical line, but not a record."""
OTHER_LF = CR + b"\xf5"
"""The replacement code of a line feed that is not the task's line end: it ends a physical line, but not a
record. Outside quotes, its CR makes the record a reject.
"""
NULL_CODE = MASKED + b"\xf7"
"""The replacement code of the escape followed by ``N``, which means null."""
ESCAPED = MASKED + b"\xf6"
"""The replacement code before an escaped character. A cell that contains this code is never a null word."""

_SPARE = "\x1f\x1e\x1d\x1c\x16\x17"
"""Control characters that replace the dialect's delimiter or quote if these are not one ASCII character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The bytes that separate records and cells: those of the dialect, or those of the rewritten copy of the
    file.

    ``quote`` is None if quotes are content, ``escape`` is None if there is no escape.
    """

    delimiter: bytes
    quote: bytes | None
    escape: bytes | None
    """The escape character. Escapes are replaced before the file is split into records (see ``rewriting``),
    so cells must be restored afterwards.
    """
    rewritten: bool
    """Whether a rewritten copy of the file is read, in which some characters are replaced by codes."""
    restored: tuple[tuple[bytes, bytes], ...]
    """What the delimiter and quote of a rewritten copy mean if they are inside a cell."""
    masked: tuple[tuple[bytes, bytes], ...]
    """The replacement codes in a rewritten copy, each with the text that it replaces."""
    unquoted: re.Pattern[bytes]
    """Matches the content of an unquoted cell, with the CR of a CRLF at its end."""
    inside: re.Pattern[bytes]
    """Matches the content of a quoted cell, from the byte after its opening quote up to its closing quote."""
    quotes: re.Pattern[bytes]
    """Matches a run of zero or more quotes."""
    close: re.Pattern[bytes]
    """Matches a run of quotes before a delimiter or a record's end."""
    blank: re.Pattern[bytes]
    """Matches zero or more blanks between a delimiter and a quote."""
    blanks: bool = False
    """Whether blanks may be around quotes."""
    guard: bool = False
    """Whether ``="`` also starts a quoted cell."""
    trailing: bool = False
    """Whether a record may have one empty cell more than the header."""
    trim: bool = False
    """Whether blanks around the content of a cell are removed."""
    borders: bool = False
    """Whether lines of borders were replaced by blank lines, because they are not records."""

    @property
    def lenient(self) -> bool:
        """Whether other characters may precede an opening quote, so that only the reader that works cell by
        cell finds the quote.
        """
        return self.blanks or self.guard

    @staticmethod
    def of(dialect: Dialect) -> Marks:
        """The bytes and patterns for a dialect.

        Raises:
            RequestWrong: characters of the dialect conflict with each other.
        """
        refuse_clashes(dialect)
        delimiter, quote = framing_marks(dialect)
        return _compiled(dialect, delimiter.encode(), None if quote is None else quote.encode())


def count_boms(text: bytes) -> int:
    """The number of byte order marks at the start of a text."""
    return (len(text) - len(strip_boms(text))) // len(BOM)


def framing_marks(dialect: Dialect) -> tuple[str, str | None]:
    """The ASCII characters that are used as delimiter and quote: those of the dialect, or spare ones."""
    taken = dialect.delimiter + (dialect.quote or "") + (dialect.escape or "")
    spare = iter(character for character in _SPARE if character not in taken)
    delimiter = dialect.delimiter if is_mark(dialect.delimiter) else next(spare)
    if dialect.quote is None or is_mark(dialect.quote):
        return delimiter, dialect.quote
    return delimiter, next(spare)


def is_mark(text: str) -> bool:
    return len(text) == 1 and text.isascii()


def is_rewritten(dialect: Dialect) -> bool:
    """Whether files of this dialect are rewritten to a temporary copy before they are split into records."""
    own = is_mark(dialect.delimiter) and (dialect.quote is None or is_mark(dialect.quote))
    plain = own and escape_of(dialect) is None and dialect.line_end is LineEnd.AUTO
    return not plain or dialect.borders or dialect.quoted_lines or dialect.trailing_nul


def escape_of(dialect: Dialect) -> str | None:
    """The escape character; a backslash for the MySQL and PostgreSQL escapes if the dialect names none."""
    family = dialect.escapes in (Escapes.MYSQL, Escapes.POSTGRESQL)
    return "\\" if family and dialect.escape is None else dialect.escape


def refuse_clashes(dialect: Dialect) -> None:
    """Refuse a dialect whose characters conflict with each other.

    Raises:
        RequestWrong: two characters conflict.
    """
    delimiter, quote, escape = dialect.delimiter, dialect.quote, escape_of(dialect)
    ends = {"\r", "\n", "\0"}
    if not delimiter or ends & set(delimiter):
        raise RequestWrong(
            "The delimiter must be one or more characters, none of which ends a line",
            to=repr(delimiter),
            hint='Write one such as ";", "||" or "\\u0001"; `line_end` sets what ends records.',
        )
    if quote is not None and (not 0 < len(quote) <= 2 or ends & set(quote)):
        hint = 'Write quote: \'"\', or an opening and a closing one such as quote: "“”".'
        raise RequestWrong(
            "The quote must be one character, or an opening and a closing one", to=repr(quote), hint=hint
        )
    if escape is not None and (not is_mark(escape) or escape in ends):
        hint = 'The usual one is escape: "\\\\".'
        raise RequestWrong("The escape must be one ASCII character", to=repr(escape), hint=hint)
    if quote is not None and set(quote) & set(delimiter):
        same = "are the same character" if quote == delimiter else "have a character in common"
        raise RequestWrong(f"The delimiter and the quote {same}", hint="Choose two different ones.")
    if escape is not None and escape in delimiter:
        same = "are the same character" if escape == delimiter else "have a character in common"
        raise RequestWrong(f"The delimiter and the escape {same}", hint="Choose two different ones.")
    if escape is not None and escape in (quote or ""):
        hint = "Leave the escape out: inside quotes, a doubled quote is always read as one quote."
        raise RequestWrong("The quote and the escape are the same character", hint=hint)
    _refuse_combinations(dialect)


def _refuse_combinations(dialect: Dialect) -> None:
    quote, escape = dialect.quote, escape_of(dialect)
    blanks = dialect.blank_around_quotes
    if dialect.escapes is Escapes.NONE and dialect.escape is not None:
        hint = "Leave one of them out: with `escapes: none` every backslash is content."
        raise RequestWrong("`escape` cannot be used with `escapes: none`", hint=hint)
    if dialect.quoted_lines and (quote is None or len(quote) > 1):
        raise RequestWrong(
            "`quoted_lines` needs a quote that is one character",
            hint="Write quote: '\"', or leave `quote` out.",
        )
    if dialect.quoted_lines and (dialect.borders or escape is not None):
        hint = "Leave one of them out: no program writes both."
        raise RequestWrong("`quoted_lines` cannot be used with `borders` or an escape", hint=hint)
    if dialect.borders and escape is not None:
        hint = "Leave one of them out: no program writes both."
        raise RequestWrong("`borders` cannot be used with an escape", hint=hint)
    if blanks and quote is None:
        hint = "Leave one of them out: with `quote: none` there are no quotes."
        raise RequestWrong("`blank_around_quotes` cannot be used with `quote: none`", hint=hint)
    if (blanks or dialect.trim or dialect.borders) and not dialect.delimiter.strip(" "):
        hint = "Set another delimiter: a blank cannot be distinguished from the blanks that are left out."
        raise RequestWrong("A blank cannot be the delimiter if blanks are left out", hint=hint)
    if dialect.formula_guard and ("=" in dialect.delimiter or "=" in (quote or "")):
        hint = "Leave `formula_guard` out."
        raise RequestWrong(
            '`formula_guard: strip` cannot be used if "=" is the delimiter or a quote', hint=hint
        )


def strip_boms(text: bytes) -> bytes:
    """The text without the byte order marks at its start."""
    while text.startswith(BOM):
        text = text[len(BOM) :]
    return text


def _compiled(dialect: Dialect, delimiter: bytes, quote: bytes | None) -> Marks:
    split, enclose = re.escape(delimiter), re.escape(quote or b"")
    nothing = re.compile(rb"(?!)")
    escape = escape_of(dialect)
    blank = (b" *" if delimiter == b"\t" else rb"[ \t]*") if dialect.blank_around_quotes else b""
    return Marks(
        delimiter=delimiter,
        quote=quote,
        escape=None if escape is None else escape.encode(),
        rewritten=is_rewritten(dialect),
        restored=_restored(dialect, delimiter, quote),
        masked=_masked(dialect, delimiter, quote) if is_rewritten(dialect) else (),
        unquoted=re.compile(rb"[^" + split + enclose + rb"\n]*"),
        inside=re.compile(rb"[^" + enclose + rb"]*+(?:" + enclose * 2 + rb"[^" + enclose + rb"]*+)*+")
        if quote
        else nothing,
        quotes=re.compile(enclose + rb"*") if quote else nothing,
        # The look-behind prevents trying a long run again from each of its quotes.
        close=re.compile(
            rb"(?<!" + enclose + rb")" + enclose + rb"+(?=" + blank + rb"(?:" + split + rb"|\r?\n|\Z))"
        )
        if quote
        else nothing,
        blank=re.compile(blank),
        blanks=dialect.blank_around_quotes,
        guard=dialect.formula_guard,
        trailing=dialect.trailing_delimiter,
        trim=dialect.trim,
        borders=dialect.borders,
    )


_OWN_ENDS = {LineEnd.CR: CR, LineEnd.CRCRLF: CR + CR + LF}


def _restored(dialect: Dialect, delimiter: bytes, quote: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
    end = _OWN_ENDS.get(dialect.line_end)
    pairs = [(LF, end)] if end else []
    if delimiter != (own := dialect.delimiter.encode()):
        pairs.append((delimiter, own))
    if quote is not None and dialect.quote is not None and quote != (own := dialect.quote[-1].encode()):
        pairs.append((quote, own))
    return tuple(pairs)


def _masked(dialect: Dialect, delimiter: bytes, quote: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
    pairs = [
        (ESCAPED_LF, CR if dialect.line_end is LineEnd.CR else LF),
        (MASKED + b"\xf8", delimiter),
        (MASKED + b"\xf9", quote),
        (MASKED + b"\xfa", LF),
        (MASKED + b"\xfc", CR),
        (OTHER_LF, LF),
        (CR + b"\xf6", LF),
        (CR + b"\xf7", CR),
        (NULL_CODE, b"N"),
        (ESCAPED, b""),
    ]
    return tuple((code, byte) for code, byte in pairs if byte is not None)
