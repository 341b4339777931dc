"""Removes texts such as a currency or blanks from both ends of a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from bucketlift.tabular.types.computing import compute

BLANKS = " \u00a0\u202f\u2009"
"""Space, no-break space, narrow no-break space and thin space. In a field's settings, each of them means all
four.
"""
ANY_BLANK = f"[{BLANKS}]"


def pattern_of(text: str) -> str:
    """A pattern for the text, in which each blank matches any blank. It can be used with Python's ``re`` and
    with RE2.
    """
    return "".join(ANY_BLANK if each in BLANKS else re.escape(each) for each in text)


def is_blank(text: str) -> bool:
    return not text.strip(BLANKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Removes its texts from both ends of a value again and again, each time the longest text that matches."""

    begin: re.Pattern[str]
    end: re.Pattern[str]
    """Matches the removable texts at the start of the reversed value, which is the end of the value."""
    pattern: str
    """The pattern (RE2) of all that is removed at one end."""
    is_plain: bool
    """Whether RE2, which tries all alternatives, always has the same result as removing the longest text each
    time.
    """
    letters: str | None
    """The characters to remove, if each text is one character; otherwise None."""

    @staticmethod
    def of(texts: Sequence[str]) -> Strip:
        # Longest first. A blank matches any blank, so texts that differ only in the kind of blank are equal.
        known = {re.sub(ANY_BLANK, " ", each): None for each in sorted(texts, key=len, reverse=True)}
        forward = "|".join(map(pattern_of, known))
        backward = "|".join(pattern_of(each[::-1]) for each in known)
        return Strip(
            begin=re.compile(f"(?:{forward})*+"),
            end=re.compile(f"(?:{backward})*+"),
            pattern=f"(?:{forward})+",
            is_plain=_is_plain(list(known)),
            letters="".join(known).replace(" ", BLANKS) if all(len(each) == 1 for each in known) else None,
        )

    def __call__(self, text: str) -> str:
        left = text[_length(self.begin, text) :]
        return left[: len(left) - _length(self.end, left[::-1])]

    def many(self, texts: pa.StringArray) -> pa.StringArray:
        if self.letters is not None:
            return compute.utf8_trim(texts, characters=self.letters)  # type: ignore[no-any-return]
        if self.is_plain:
            left = compute.replace_substring_regex(texts, rf"\A{self.pattern}", "")
            return compute.replace_substring_regex(left, rf"{self.pattern}\z", "")  # type: ignore[no-any-return]
        coded = texts.dictionary_encode()
        left = [None if each is None else self(each) for each in coded.dictionary.to_pylist()]
        return pa.array(left, pa.string()).take(coded.indices)


def _length(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _is_plain(texts: list[str]) -> bool:
    """Whether no text has a digit, and no text is a prefix or suffix of another, so that there is only one
    way to match.
    """
    if any(each.isdigit() for text in texts for each in text):
        return False
    return not any(
        one is not other and (one.startswith(other) or one.endswith(other))
        for one in texts
        for other in texts
    )
