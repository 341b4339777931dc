"""Converts numbers with digit groups, a decimal comma or parentheses to plain numbers such as -1234.5."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field, Negative
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.computing import compute
from bucketlift.tabular.types.stripping import BLANKS, Strip

Texts = pa.StringArray
MINUS = "\u2212"
"""U+2212 MINUS SIGN. The sign on keyboards is HYPHEN-MINUS."""
DIFFERENT_SIGNS = 'Set both keys: decimal_point: ",", thousands: "." reads 1.234,56.'
APOSTROPHES = "'\u2019"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The notation of a field's numbers."""

    digits: re.Pattern[str]
    """Matches the number without its sign. The group ``whole`` has the digits before the decimal point, the
    group ``behind`` the point and the digits after it.
    """
    negative: frozenset[Negative] = frozenset()
    strip: Strip | None = None
    point: str
    marks: str = ""
    """The characters that may be between groups of digits."""
    quick: tuple[tuple[str, str], ...] = ()
    """Patterns (RE2) for texts after stripping, each with the sign of the number."""
    letters: str = ""
    """The characters that may be between a sign and the digits."""

    @staticmethod
    def of(settings: Field) -> Written | None:
        """The notation of a field's numbers; None if they are plain numbers.

        Raises:
            RequestWrong: the decimal point and the thousands sign are the same.
        """
        point = settings.decimal_point or "."
        if not (settings.thousands or settings.negative or settings.strip) and point == ".":
            return None
        marks = alike(settings.thousands) if settings.thousands else ""
        if settings.type is TypeName.DECIMAL and point in marks:
            raise RequestWrong(
                "`thousands` and `decimal_point` are the same character",
                to=settings.name,
                hint=DIFFERENT_SIGNS,
            )
        whole = f"[0-9]*|[1-9][0-9]{{0,2}}(?:[{re.escape(marks)}][0-9]{{3}})+" if marks else "[0-9]*"
        behind = f"(?:{re.escape(point)}[0-9]*)?" if settings.type is TypeName.DECIMAL else ""
        digits = f"(?P<whole>{whole})(?P<behind>{behind})"
        strip = Strip.of(settings.strip) if settings.strip else None
        letters = "".join(settings.strip).replace(" ", BLANKS)
        inside = strip is not None and strip.is_plain and point not in letters
        negative = frozenset(settings.negative)
        return Written(
            digits=re.compile(digits),
            negative=negative,
            strip=strip,
            point=point,
            marks=marks,
            quick=tuple(_quick(digits, negative, f"(?:{strip.pattern})?" if strip and inside else "")),
            letters=letters if inside else "",
        )

    @property
    def takes_plain(self) -> bool:
        """Whether a number such as 1234.5 means the same in this field as by default."""
        return self.point == "." and "." not in self.marks

    def plain(self, text: str) -> str | None:
        """The number as a plain number: a leading minus sign if it is negative, no groups, a decimal point.
        None for any other text.
        """
        sign, rest = self._signed(self._stripped(text))
        found = self.digits.fullmatch(rest)
        if found is None:
            return None
        whole = "".join(each for each in found["whole"] if each not in self.marks)
        behind = f".{found['behind'][1:]}" if found["behind"] else ""
        return f"{sign}{whole}{behind}"

    def many(self, texts: Texts) -> Texts:
        """Convert many stripped texts to plain numbers at once. Null for each text that must be converted by
        ``plain``.
        """
        found = pa.nulls(len(texts), pa.string())
        for pattern, sign in self.quick:
            if not found.null_count:
                break
            rest = compute.if_else(found.is_null(), texts, pa.scalar(None, pa.string()))
            sure = compute.if_else(
                compute.match_substring_regex(rest, pattern), rest, pa.scalar(None, pa.string())
            )
            found = compute.coalesce(found, self._signless(sure) if not sign else self._with_sign(sure, sign))
        return found

    def _with_sign(self, texts: Any, sign: str) -> Any:
        """Convert texts like ``many``, if each is known to have one number, signs, and removable texts
        without digits.
        """
        digits = self._signless(compute.utf8_trim(texts, characters=f"()-{self.letters}"))
        return compute.binary_join_element_wise(sign, digits, "")

    def _signless(self, texts: Any) -> Any:
        for mark in self.marks:
            texts = compute.replace_substring(texts, mark, "")
        return texts if self.point == "." else compute.replace_substring(texts, self.point, ".")

    def _stripped(self, text: str) -> str:
        return self.strip(text) if self.strip else text

    def _signed(self, text: str) -> tuple[str, str]:
        """The sign and the digits. A second sign stays with the digits, so that the text is not a number."""
        if text.startswith("-") or (Negative.UNICODE_MINUS in self.negative and text.startswith(MINUS)):
            return "-", self._stripped(text[1:])
        if text.startswith("+"):
            return "", self._stripped(text[1:])
        if Negative.PARENTHESES in self.negative and text.startswith("(") and text.endswith(")"):
            return "-", self._stripped(text[1:-1])
        if Negative.TRAILING in self.negative and text.endswith("-"):
            return "-", self._stripped(text[:-1])
        if {Negative.TRAILING, Negative.UNICODE_MINUS} <= self.negative and text.endswith(MINUS):
            return "-", self._stripped(text[:-1])
        return "", text


def alike(mark: str) -> str:
    """The characters that are read as this thousands sign: for a blank all blanks, for an apostrophe both
    kinds of it.
    """
    for group in (BLANKS, APOSTROPHES):
        if mark in group:
            return group
    return mark


def _quick(digits: str, negative: frozenset[Negative], around: str) -> Iterator[tuple[str, str]]:
    # Requires a digit; texts without one are left to the exact reader.
    sure = digits.replace("(?P<whole>[0-9]*", "(?P<whole>[0-9]+")
    yield rf"\A{sure}\z", ""
    yield rf"\A-{around}{sure}\z", "-"
    if Negative.PARENTHESES in negative:
        yield rf"\A\({around}{sure}{around}\)\z", "-"
    if Negative.TRAILING in negative:
        yield rf"\A{sure}{around}-\z", "-"
