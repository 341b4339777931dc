"""Texts such as a currency or a blank, removed from both ends of a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from bucketlift.tabular.types.computing import compute

BLANKS = " \u00a0\u202f\u2009"
"""A blank, no-break space, narrow no-break space and thin space: in a field's settings each of them means all."""
ANY_BLANK = f"[{BLANKS}]"


def pattern_of(text: str) -> str:
    """Matches the text itself, with any blank in place of each of its blanks; for Python's ``re`` and for RE2."""
    return "".join(ANY_BLANK if each in BLANKS else re.escape(each) for each in text)


def is_blank(text: str) -> bool:
    return not text.strip(BLANKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Removes its texts from both ends of a value, again and again, at each step the longest that is there."""

    begin: re.Pattern[str]
    end: re.Pattern[str]
    """Of a value that is turned around."""
    pattern: str
    """What is removed at one end, for RE2."""
    is_plain: bool
    """Whether RE2, which tries all ways to match, always finds what the longest text at each step finds."""
    letters: str | None
    """The characters that are removed, if each text is one character."""

    @staticmethod
    def of(texts: Sequence[str]) -> Strip:
        # The longest first. A blank stands for any blank, so texts that differ in blanks alone are one.
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
    """None has a digit, and none begins or ends with another: so they can be found in one way at most."""
    if any(each.isdigit() for text in texts for each in text):
        return False
    return not any(
        one is not other and (one.startswith(other) or one.endswith(other))
        for one in texts
        for other in texts
    )
