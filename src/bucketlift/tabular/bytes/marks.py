"""The bytes that frame records, and the patterns made of them."""

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
"""Stands before the second byte of a code; UTF-8 has none of these bytes."""
ESCAPED_LF = MASKED + b"\xfb"
"""A character that ends a physical line, and no record: an escape stands before it."""
OTHER_LF = CR + b"\xf5"
"""A line feed that ends a physical line, and no record, in a task whose records end otherwise. The CR in it makes the
record a reject where it stands outside of quotes."""
NULL_CODE = MASKED + b"\xf7"
"""The escape and an ``N``."""
ESCAPED = MASKED + b"\xf6"
"""Before a character that an escape stood before: a cell with one is not what it seems, and no null word."""

_SPARE = "\x1f\x1e\x1d\x1c\x16\x17"
"""Characters to frame by where those of the dialect are not one ASCII character each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The bytes by which a file is framed: those of its dialect, or of the scratch file that is made of it.

    ``quote`` is None where a quote is content, ``escape`` where there is none.
    """

    delimiter: bytes
    quote: bytes | None
    escape: bytes | None
    """Masked before anything is framed (see ``rewriting``): cells must be given back what it stood for."""
    rewritten: bool
    """Whether a scratch file is framed, in which something stands for something else."""
    restored: tuple[tuple[bytes, bytes], ...]
    """What the framing bytes mean inside of a cell of a scratch file."""
    masked: tuple[tuple[bytes, bytes], ...]
    """The codes of a scratch file, and what each of them stands for."""
    unquoted: re.Pattern[bytes]
    """The content of an unquoted cell; a CR before an LF is still in it."""
    quotes: re.Pattern[bytes]
    """A run of quotes, possibly of none."""
    close: re.Pattern[bytes]
    """A run of quotes that a delimiter or a record's end follows."""
    blank: re.Pattern[bytes]
    """Blanks that may stand between a delimiter and a quote, possibly none."""
    blanks: bool = False
    """Whether blanks may stand around quotes."""
    guard: bool = False
    """Whether ``="`` opens a quoted cell, too."""
    trailing: bool = False
    """Whether a record may have one more, empty, cell."""
    trim: bool = False
    """Whether blanks around the content of cells are left out."""
    borders: bool = False
    """Whether a blank line stands for one that is no record."""

    @property
    def lenient(self) -> bool:
        """Whether quotes may stand where only the walk from cell to cell looks for them."""
        return self.blanks or self.guard

    @staticmethod
    def of(dialect: Dialect) -> Marks:
        """Compile a dialect.

        Raises:
            RequestWrong: its characters get into each other's way.
        """
        refuse_clashes(dialect)
        delimiter, quote = framing_marks(dialect)
        return _compiled(dialect, delimiter.encode(), None if quote is None else quote.encode())


def marks_before(text: bytes) -> int:
    """How many byte order marks stand before a text."""
    return (len(text) - len(behind_marks(text))) // len(BOM)


def framing_marks(dialect: Dialect) -> tuple[str, str | None]:
    """The ASCII characters that delimiter and quote are framed by: their own, if they are one each."""
    taken = dialect.delimiter + (dialect.quote or "") + (dialect.escape or "")
    spare = iter(character for character in _SPARE if character not in taken)
    delimiter = dialect.delimiter if is_mark(dialect.delimiter) else next(spare)
    if dialect.quote is None or is_mark(dialect.quote):
        return delimiter, dialect.quote
    return delimiter, next(spare)


def is_mark(text: str) -> bool:
    return len(text) == 1 and text.isascii()


def is_rewritten(dialect: Dialect) -> bool:
    """Whether files of this dialect are framed as a scratch file of other characters."""
    own = is_mark(dialect.delimiter) and (dialect.quote is None or is_mark(dialect.quote))
    plain = own and escape_of(dialect) is None and dialect.line_end is LineEnd.AUTO
    return not plain or dialect.borders or dialect.quoted_lines or dialect.trailing_nul


def escape_of(dialect: Dialect) -> str | None:
    """The escape; the families have a backslash if no other is named."""
    family = dialect.escapes in (Escapes.MYSQL, Escapes.POSTGRESQL)
    return "\\" if family and dialect.escape is None else dialect.escape


def refuse_clashes(dialect: Dialect) -> None:
    """Refuse characters that get into each other's way.

    Raises:
        RequestWrong: they do.
    """
    delimiter, quote, escape = dialect.delimiter, dialect.quote, escape_of(dialect)
    ends = {"\r", "\n", "\0"}
    if not delimiter or ends & set(delimiter):
        raise RequestWrong(
            "The delimiter must be a character that ends no line, or several of them",
            to=repr(delimiter),
            hint='Write one such as ";", "||" or "\\u0001"; `line_end` says what ends records.',
        )
    if quote is not None and (not 0 < len(quote) <= 2 or ends & set(quote)):
        hint = 'Write quote: \'"\', or an opening and a closing one such as quote: "“”".'
        raise RequestWrong("The quote must be one character, or two", to=repr(quote), hint=hint)
    if escape is not None and (not is_mark(escape) or escape in ends):
        hint = 'The usual one is escape: "\\\\".'
        raise RequestWrong("The escape must be one ASCII character", to=repr(escape), hint=hint)
    if quote is not None and set(quote) & set(delimiter):
        same = "are the same character" if quote == delimiter else "have a character in common"
        raise RequestWrong(f"The delimiter and the quote {same}", hint="Choose two that differ.")
    if escape is not None and escape in delimiter:
        same = "are the same character" if escape == delimiter else "have a character in common"
        raise RequestWrong(f"The delimiter and the escape {same}", hint="Choose two that differ.")
    if escape is not None and escape in (quote or ""):
        hint = "Leave the escape out: a quote that is doubled inside quotes is always read as one."
        raise RequestWrong("The quote and the escape are the same character", hint=hint)
    _refuse_combinations(dialect)


def _refuse_combinations(dialect: Dialect) -> None:
    quote, escape = dialect.quote, escape_of(dialect)
    blanks = dialect.blank_around_quotes
    if dialect.escapes is Escapes.NONE and dialect.escape is not None:
        hint = "Leave one of them out: `escapes: none` says that every backslash is content."
        raise RequestWrong("`escape` does not go with `escapes: none`", hint=hint)
    if dialect.quoted_lines and (quote is None or len(quote) > 1):
        raise RequestWrong("`quoted_lines` needs one quote", hint="Write quote: '\"', or leave `quote` out.")
    if dialect.quoted_lines and (dialect.borders or escape is not None):
        hint = "Leave one of them out: no program writes both."
        raise RequestWrong("`quoted_lines` does not go with `borders` or an escape", hint=hint)
    if dialect.borders and escape is not None:
        hint = "Leave one of them out: no program writes both."
        raise RequestWrong("`borders` does not go with an escape", hint=hint)
    if blanks and quote is None:
        hint = "Leave one of them out: with `quote: none` there are no quotes to stand around."
        raise RequestWrong("`blank_around_quotes` does not go with `quote: none`", hint=hint)
    if (blanks or dialect.trim or dialect.borders) and not dialect.delimiter.strip(" "):
        hint = "Name another delimiter: it could not be told from the blanks that are left out."
        raise RequestWrong("A blank cannot be the delimiter where blanks are left out", hint=hint)
    if dialect.formula_guard and ("=" in dialect.delimiter or "=" in (quote or "")):
        hint = "Leave `formula_guard` out."
        raise RequestWrong('`formula_guard: strip` does not go with "=" as a delimiter or a quote', hint=hint)


def behind_marks(text: bytes) -> bytes:
    """A text without the byte order marks that stand before it."""
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
        quotes=re.compile(enclose + rb"*") if quote else nothing,
        # The look behind keeps a long run from being tried again from each of its quotes.
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
