"""Finds the lines below a table that are not records, such as a total or a note."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from bucketlift.model.contract import Contract, Escapes, Policy
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, MASKED, NUL, Marks
from bucketlift.tabular.csv.records import Whole, whole_record
from bucketlift.tabular.decode.rewriting import BAD
from bucketlift.tabular.header.header import Header

MOST_LINES = 10
"""Maximum number of non-blank lines in a footer. Longer texts below the table are a second table."""
LONGEST = 1 << 16
"""Maximum bytes of a footer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    start: int
    """The offset after the last record."""
    lines: int
    """The number of non-blank lines of the footer."""


def find_footer(data: Bytes, marks: Marks, contract: Contract, header: Header) -> Footer | None:
    """The lines at the end that the contract leaves out; None if there are none, or if this is not sure.

    There are two rules. Either the first of these lines starts with one of the dialect's ``footer`` words.
    Or, with ``trailing: ignore``, a blank line separates them from two adjacent lines above, and the file
    ends with a line end. The second rule never leaves out a truncated record, or a record of a file that has
    a blank line after each record.

    In both cases, only a line that starts with a footer word may have as many cells as the table, or a quote.
    Such a line must be a complete record with balanced quotes, so that it cannot be part of an open cell that
    starts above it.
    """
    begin = max(header.end, len(data) - LONGEST)
    if begin > header.end:
        begin = data.find(LF, begin) + 1 or len(data)
    lines = _Ending(data, marks, begin, header)
    return _declared(lines, contract) or (
        _set_off(lines) if contract.policies.trailing is Policy.IGNORE else None
    )


class _Ending:
    """The last physical lines of a file."""

    def __init__(self, data: Bytes, marks: Marks, begin: int, header: Header) -> None:
        lines = data[begin:].split(LF)
        self.begin = begin
        self.ended = not lines[-1]
        self.texts = [line.removesuffix(CR) for line in (lines[:-1] if self.ended else lines)]
        self.starts = list(accumulate((len(line) + 1 for line in lines), initial=begin))
        self._marks = marks
        self._width = len(header.names)
        self._below = header.end

    def footer(self, first: int) -> Footer | None:
        """The footer that starts with this line; None if it is too long, or if one of its lines has a control
        character or may be a part of an open cell.
        """
        filled = [text for text in self.texts[first:] if text]
        if not 0 < len(filled) <= MOST_LINES or not all(map(self._is_whole, filled)):
            return None
        return Footer(start=self.starts[first], lines=len(filled))

    def _is_plain(self, text: bytes) -> bool:
        quote = self._marks.quote
        return not self._has_odd(text) and (quote is None or quote not in text)

    def _has_odd(self, text: bytes) -> bool:
        return any(mark in text for mark in (NUL, CR, MASKED, BAD))

    def _is_whole(self, text: bytes) -> bool:
        return self._is_plain(text) or self._first_cell(text) is not None

    def _first_cell(self, text: bytes) -> bytes | None:
        """The first cell of a line; None if the line is not a complete record. The number of its cells does
        not matter.
        """
        record = self._record(text)
        return None if record is None else record.cells[0]

    def _record(self, text: bytes) -> Whole | None:
        if self._has_odd(text):
            return None
        record = whole_record(text, self._marks, 0, self._width, len(text))
        return record if isinstance(record, Whole) else None

    def could_be_record(self, number: int) -> bool:
        """Whether the line has as many delimiters as a record. For a line with quotes, the result is always
        True.
        """
        text = self.texts[number]
        return bool(text) and (self._is_as_wide(text) or not self._is_plain(text))

    def begins(self, number: int, words: tuple[bytes, ...]) -> bool:
        """Whether a line starts with one of these words, with or without quotes. Blanks before the word are
        ignored.

        A line with as many cells as the table is a record. It is not one if its first cell is only the word,
        or if its first cell starts with the word and all other cells are empty. In a table of one column, it
        is not one if a colon follows the word.
        """
        text = self.texts[number].lstrip()
        record = self._record(text)
        if record is not None and record.width == self._width:
            return self._is_footer(record, words) or self._leads(text, words)
        if record is not None and not self._is_plain(text):
            text = record.cells[0].lstrip()
        return any(_starts(text, word) for word in words)

    def _is_footer(self, record: Whole, words: tuple[bytes, ...]) -> bool:
        first, others = record.cells[0].strip(), record.cells[1:]
        if first in (word.strip() for word in words):
            return True
        fitting = [word.strip() for word in words if _starts(first, word)]
        if not others:
            return any(first[len(word) :].lstrip()[:1] in (b":", b"=") for word in fitting)
        return bool(fitting) and not any(cell.strip() for cell in others)

    def _leads(self, text: bytes, words: tuple[bytes, ...]) -> bool:
        """Whether a plain line starts with a word that is longer than its first cell, such as ``T|``."""
        beyond = [word.lstrip() for word in words if self._marks.delimiter in word]
        return self._is_plain(text) and any(text.startswith(word) for word in beyond)

    def are_adjacent(self, before: int) -> bool:
        """Whether the two lines above this one are adjacent. One of them may be the header."""
        if before > 1:
            return bool(self.texts[before - 2])
        return before == 1 and self.begin == self._below

    def _is_as_wide(self, text: bytes) -> bool:
        return text.count(self._marks.delimiter) + 1 == self._width


def _starts(text: bytes, word: bytes) -> bool:
    """Whether the text starts with the word, and the word does not continue. A word that ends with a blank or
    a sign cannot continue.
    """
    word = word.lstrip()
    if not text.startswith(word):
        return text == word.rstrip()
    return not (word[-1:].isalnum() and text[len(word) :][:1].isalnum())


def _declared(lines: _Ending, contract: Contract) -> Footer | None:
    words = tuple(word.encode() for word in contract.dialect.footer)
    if contract.dialect.escapes is Escapes.POSTGRESQL:
        words += (b"\\.",)
    if not words:
        return None
    first = None
    for number in range(len(lines.texts) - 1, -1, -1):
        if not lines.texts[number]:
            continue
        if lines.begins(number, words):
            first = number
        elif lines.could_be_record(number):
            break
    return None if first is None else lines.footer(first)


def _set_off(lines: _Ending) -> Footer | None:
    first = len(lines.texts)
    while first and not lines.could_be_record(first - 1):
        first -= 1
    is_set_off = first < len(lines.texts) and not lines.texts[first]
    return lines.footer(first) if lines.ended and is_set_off and lines.are_adjacent(first) else None
