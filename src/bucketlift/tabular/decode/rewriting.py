"""Rewrites a file's text so that it can be split into records: delimiter and quote are one ASCII character
each, line ends are LF.

A character that must not be seen as a delimiter, quote or line end is replaced by a code with a byte that
UTF-8 does not use; ``escapes`` restores the character in the cells. In this module such a byte is a lone
surrogate, as in Python's ``surrogateescape``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bucketlift.model.contract import Dialect, Escapes, LineEnd
from bucketlift.tabular.bytes.marks import (
    CR,
    ESCAPED,
    ESCAPED_LF,
    MASKED,
    NULL_CODE,
    OTHER_LF,
    escape_of,
    framing_marks,
    is_rewritten,
)
from bucketlift.tabular.bytes.patterns import (
    PADDING,
    QUOTED,
    begin_of_line,
    begin_of_quoted_cell,
    end_of_line,
    padding_groups,
    quoted_group,
)

BAD = b"\xfe"
"""The code that replaces an invalid escape."""
CODE_BYTES = (b"\xff", b"\xfe", b"\xf5", b"\xf6", b"\xf7")
"""The bytes that mark replacement codes. Every replacement code contains one of these bytes."""
CODED = re.compile(b"[\xf5-\xff]")
"""Matches a byte of a replacement code in the rewritten text."""

Expand = Callable[[re.Match[str]], str]
AHEAD = 24
"""Number of characters after a token that its pattern may look at."""
LONGEST_LINE = 16 << 20
"""Maximum number of characters of a line that is checked as a whole."""


def scratch_text(code: bytes) -> str:
    return code.decode("utf-8", "surrogateescape")


_BAD = scratch_text(BAD)
_LINE_BREAK = scratch_text(ESCAPED_LF)
_OTHER_LF = scratch_text(OTHER_LF)
_OTHER_LF_IN_LINE = scratch_text(CR + b"\xf6")
_OTHER_CR = scratch_text(CR + b"\xf7")
_DELIMITER = scratch_text(MASKED + b"\xf8")
_QUOTE = scratch_text(MASKED + b"\xf9")
_LF = scratch_text(MASKED + b"\xfa")
_CR = scratch_text(MASKED + b"\xfc")
_NULL = scratch_text(NULL_CODE)
_ESCAPED = scratch_text(ESCAPED)

_LINE_ENDS: dict[LineEnd, dict[str, str]] = {
    LineEnd.AUTO: {},
    LineEnd.LF: {"\r": _OTHER_CR},
    LineEnd.CRLF: {"\r\n": "\r\n", "\n": _OTHER_LF},
    LineEnd.CR: {"\r": "\n", "\n": _OTHER_LF_IN_LINE},
    LineEnd.CRCRLF: {"\r\r\n": "\n", "\n": _OTHER_LF, "\r": _OTHER_CR},
}
"""For each setting of the line end: the texts to replace and their replacements. The longest line end is
first.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """Rewrites text token by token. The text between tokens does not change."""

    pattern: re.Pattern[str]
    expand: Expand
    by_line: bool
    """Whether a whole line may be a token."""
    quick: Quick | None
    """A faster rewriting for text that has no other tokens than the dialect's own characters; None if there
    is none.
    """
    in_quotes: re.Pattern[str]
    """Matches the tokens of a quoted cell; None if quoted cells are not tokens."""

    @staticmethod
    def of(dialect: Dialect, charset: str = "utf-8") -> Rewriting | None:
        """The rewriting for a dialect; None if its files need no rewriting."""
        return _compiled(dialect, charset) if is_rewritten(dialect) else None

    def whole(self, text: str) -> str:
        """Rewrite a complete text."""
        return self.pattern.sub(self._expanded, text)

    def tokens(self, text: str, begin: int, stop: int) -> Iterator[re.Match[str]]:
        """Yield the tokens that start in this part of a text."""
        for found in self._found(text, begin, stop):
            yield from self._inner(found) if found.lastgroup == QUOTED else (found,)

    def _found(self, text: str, begin: int, stop: int) -> Iterator[re.Match[str]]:
        for found in self.pattern.finditer(text, begin):
            if found.start() >= stop:
                return
            yield found

    def _inner(self, quoted: re.Match[str]) -> Iterator[re.Match[str]]:
        return self.in_quotes.finditer(quoted.string, *quoted.span())

    def _expanded(self, found: re.Match[str]) -> str:
        if found.lastgroup != QUOTED:
            return self.expand(found)
        made, at = list[str](), found.start()
        for each in self._inner(found):
            made += (found.string[at : each.start()], self.expand(each))
            at = each.end()
        return "".join([*made, found.string[at : found.end()]])

    def part(self, text: str, begin: int, left_out: Counter[str], *, final: bool) -> tuple[str, int]:
        """Rewrite the text from ``begin`` up to the position at which the following text is needed. Returns
        the rewritten text and this position.

        ``left_out`` counts lines of borders, which are not records, and NULs used as padding.
        """
        if self.quick is not None and not final and (quick := self.quick.part(text, begin)):
            return quick
        stop = len(text) if final else self._known(text, begin)
        made, at = list[str](), begin
        for found in self._found(text, begin, stop):
            if found.end() == len(text) and not final and len(text) - found.start() < LONGEST_LINE:
                made.append(text[at : found.start()])
                return "".join(made), found.start()
            made += (text[at : found.start()], self._expanded(found))
            at = found.end()
            if found.lastgroup == PADDING:
                left_out["nuls"] += len(found[0])
            if found.lastgroup in ("left", "rule"):
                left_out["lines"] += 1
        end = max(at, stop)
        made.append(text[at:end])
        return "".join(made), end

    def _known(self, text: str, begin: int) -> int:
        if not self.by_line or len(text) - begin > LONGEST_LINE:
            return max(begin, len(text) - AHEAD)
        return max(begin, text.rfind("\n", begin) + 1, text.rfind("\r", begin, len(text) - 2) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quick:
    """Rewrites whole lines by replacing one text after the other."""

    line_end: LineEnd
    pairs: tuple[tuple[str, str], ...]
    clashes: tuple[str, ...]
    """Characters that the rewriting uses and the dialect does not. If a text contains one of them, it cannot
    be rewritten in this way.
    """

    def part(self, text: str, begin: int) -> tuple[str, int] | None:
        own = _WHOLE_LINE_ENDS[self.line_end]
        end = text.rfind(own, begin) + len(own)
        lines = text[begin:end]
        if end <= begin or any(clash in lines for clash in self.clashes) or not self._ends_alike(lines):
            return None
        for old, new in self.pairs:
            lines = lines.replace(old, new)
        return (lines if own in ("\n", "\r\n") else lines.replace(own, "\n")), end

    def _ends_alike(self, lines: str) -> bool:
        """Whether each CR and LF of the text belongs to one of the dialect's line ends."""
        if self.line_end is LineEnd.AUTO:
            return True
        own = _WHOLE_LINE_ENDS[self.line_end]
        count = lines.count(own)
        return all(lines.count(each) == count * own.count(each) for each in "\r\n")


_WHOLE_LINE_ENDS = {
    LineEnd.AUTO: "\n",
    LineEnd.LF: "\n",
    LineEnd.CRLF: "\r\n",
    LineEnd.CR: "\r",
    LineEnd.CRCRLF: "\r\r\n",
}


def _quick(dialect: Dialect) -> Quick:
    delimiter, quote = framing_marks(dialect)
    pairs = [(dialect.delimiter, delimiter), (dialect.quote or "", quote or "")]
    changed = tuple((old, new) for old, new in pairs if old != new)
    return Quick(line_end=dialect.line_end, pairs=changed, clashes=tuple(new for _, new in changed))


def _compiled(dialect: Dialect, charset: str) -> Rewriting:
    fixed = _fixed(dialect)
    escapes = _Escapes.of(dialect, charset)
    in_cells = [*escapes.patterns(), *_pair(dialect)]
    groups = [*padding_groups(dialect), *_by_line(dialect), *quoted_group(dialect), *in_cells]
    inner = _joined(dialect, fixed, in_cells, escapes) if dialect.quoted_lines else None
    return Rewriting(
        pattern=_pattern(fixed, groups),
        expand=_expander(dialect, fixed, escapes, inner),
        by_line=dialect.borders or dialect.quoted_lines,
        quick=None if groups else _quick(dialect),
        in_quotes=_pattern(fixed, in_cells),
    )


def _joined(
    dialect: Dialect, fixed: dict[str, str], groups: list[tuple[str, str]], escapes: _Escapes
) -> Callable[[str], str]:
    pattern, expand = _pattern(fixed, groups), _expander(dialect, fixed, escapes, None)
    return lambda text: pattern.sub(expand, text)


def _pattern(fixed: dict[str, str], groups: list[tuple[str, str]]) -> re.Pattern[str]:
    named = [f"(?P<{name}>{pattern})" for name, pattern in groups]
    return re.compile("|".join([*named, *map(re.escape, fixed)]) or "(?!)")


def _fixed(dialect: Dialect) -> dict[str, str]:
    """The texts to replace, in the order in which they are tried, each with its replacement."""
    delimiter, quote = framing_marks(dialect)
    found = dict(_LINE_ENDS[dialect.line_end])
    if dialect.escapes is Escapes.MYSQL:
        # The program escapes only the first character of a line end, and no other line end.
        breaks = _LF if dialect.line_end is LineEnd.CR else _LINE_BREAK
        content = {"\n": breaks, "\r": _CR}
        found |= {text: code for text, code in content.items() if found.get(text, "\n") != "\n"}
    if delimiter != dialect.delimiter:
        found |= {dialect.delimiter: delimiter, delimiter: _DELIMITER}
    if quote is not None and dialect.quote is not None and quote != dialect.quote:
        found |= {dialect.quote[-1]: quote, quote: _QUOTE}
    return found


def _by_line(dialect: Dialect) -> Iterator[tuple[str, str]]:
    begin, end, split = begin_of_line(dialect), end_of_line(dialect), re.escape(dialect.delimiter)
    if dialect.quoted_lines and dialect.quote is not None:
        quote = re.escape(dialect.quote)
        yield "line", rf"{begin}{quote}(?:[^{quote}\r\n]|{quote}{quote})*{quote}{end}"
    if dialect.borders:
        yield "left", rf"{begin}(?:(?!{split})[^\r\n])+{end}"
        yield "rule", rf"{begin}(?=[^\r\n]*---)(?:{split}|[-+=: \t])++{end}"
        yield "first", rf"{begin}[ \t]*{split}"
        yield "last", rf"{split}[ \t]*{end}"


def _pair(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Yield the pattern of an opening quote and its replacement. Only at the start of a cell it is an opening
    quote; elsewhere it is content.
    """
    if dialect.quote is not None and len(dialect.quote) > 1 and dialect.quote[0] != dialect.quote[1]:
        yield "open", begin_of_quoted_cell(dialect) + re.escape(dialect.quote[0])


def _expander(
    dialect: Dialect, fixed: dict[str, str], escapes: _Escapes, inner: Callable[[str], str] | None
) -> Expand:
    quote = framing_marks(dialect)[1] or ""

    def expand(found: re.Match[str]) -> str:
        text = found[0]
        match found.lastgroup:
            case None:
                return fixed[text]
            case "nuls":
                return text
            case "left" | "rule" | "last" | "padding":
                return ""
            case "first":
                return "\ufeff" if text.startswith("\ufeff") else ""
            case "open":
                return text[:-1] + quote
            case "line":
                own = dialect.quote or ""
                mark = "\ufeff" if text.startswith("\ufeff") else ""
                return mark + (inner or str)(text[len(mark) + 1 : -1].replace(own * 2, own))
            case kind:
                return escapes.expand(str(kind), text)

    return expand


@dataclass(frozen=True, slots=True, kw_only=True)
class _Escapes:
    """The escape sequences of one setting of ``escapes``."""

    escape: str
    family: Escapes
    letters: dict[str, str]
    content: Callable[[str], str]
    """Returns a character as content, even if it would otherwise be a delimiter, a quote or a line end."""
    charset: str
    legal: frozenset[str]
    """The characters that may follow an escape, if the setting is strict."""

    @staticmethod
    def of(dialect: Dialect, charset: str) -> _Escapes:
        delimiter, quote = framing_marks(dialect)
        codes = {delimiter: _DELIMITER, "\n": _LF, "\r": _CR} | ({quote: _QUOTE} if quote else {})
        escape = escape_of(dialect) or ""
        mark = _ESCAPED if dialect.escapes in _LETTERS else ""
        ends = "\r" if dialect.line_end is LineEnd.CR else "\n"
        return _Escapes(
            escape=escape,
            family=dialect.escapes,
            letters=_LETTERS.get(dialect.escapes, {}),
            content=lambda character: codes.get(character) or mark + character,
            charset=charset,
            legal=frozenset({*dialect.delimiter, *(dialect.quote or ""), escape, ends}),
        )

    def patterns(self) -> Iterator[tuple[str, str]]:
        if not self.escape:
            return
        escape = re.escape(self.escape)
        if self.family is Escapes.POSTGRESQL:
            yield "end", rf"(?:\A|(?<=[\r\n])){escape}\.(?=\r?\n|\r|\Z)"
            yield "bytes", rf"(?:{escape}(?:[0-7]{{1,3}}|x[0-9A-Fa-f]{{1,2}}))+"
        yield "escape", rf"{escape}[\s\S]?"

    def expand(self, kind: str, text: str) -> str:
        if kind == "end":
            return text
        if kind == "bytes":
            return self._bytes(text)
        follows = text[1:]
        if not follows:
            return _BAD
        if self.family in (Escapes.STRICT, Escapes.NONE):
            return self._itself(follows) if follows in self.legal else _BAD + follows
        if follows == "N":
            return _NULL
        return self.content(self.letters[follows]) if follows in self.letters else self._itself(follows)

    def _itself(self, character: str) -> str:
        """An escaped character as content. An escaped line end in the file ends a physical line; an escaped
        letter that means a line end does not.
        """
        ends = "\r" if "\r" in self.legal else "\n"
        return _LINE_BREAK if character == ends else self.content(character)

    def _bytes(self, text: str) -> str:
        """Decode escapes with the octal or hexadecimal number of a byte. Several bytes may form one
        character.
        """
        numbers = text.split(self.escape)[1:]
        octets = bytes((int(each[1:], 16) if each[0] == "x" else int(each, 8)) & 0xFF for each in numbers)
        try:
            return "".join(map(self.content, octets.decode(self.charset)))
        except UnicodeDecodeError:
            return _BAD


_LETTERS = {
    Escapes.MYSQL: {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"},
    Escapes.POSTGRESQL: {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"},
}
