"""Converts one cell to a number or a boolean. Every shortcut must have the same result as these functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from bucketlift.model.contract import Field
from bucketlift.model.rows import RejectReason

Value = int | Decimal | bool | date | datetime
Exact = Callable[[str], Value | RejectReason]
"""A function that converts one cell that is not null. It never trims, rounds or guesses."""

_INTEGER = re.compile(r"[+-]?([0-9]+)")
_DECIMAL = re.compile(r"([+-]?)(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?")
_INT64 = range(-(2**63), 2**63)
_INT64_DIGITS = 19


def integer(text: str) -> int | RejectReason:
    """Convert digits with an optional sign. Leading zeros are ignored."""
    found = _INTEGER.fullmatch(text)
    if not found:
        return RejectReason.NOT_AN_INTEGER
    # Counted first: converting n digits takes O(n²).
    if len(found[1].lstrip("0")) > _INT64_DIGITS or (value := int(text)) not in _INT64:
        return RejectReason.OUT_OF_RANGE
    return value


def decimal(text: str, *, precision: int, scale: int) -> Decimal | RejectReason:
    """Convert digits with an optional sign and decimal point. An exponent is not allowed. Zeros at both ends
    are ignored.
    """
    found = _DECIMAL.fullmatch(text)
    if not found:
        return RejectReason.NOT_A_DECIMAL
    whole, behind = found[2].lstrip("0"), (found[3] or "").rstrip("0")
    if len(behind) > scale:
        return RejectReason.TOO_PRECISE
    if len(whole) > precision - scale:
        return RejectReason.OUT_OF_RANGE
    # No ".0" for whole numbers: it would count as a digit if all 38 are used.
    return Decimal(f"{found[1]}{whole or '0'}{'.' * bool(behind)}{behind}")


def boolean(text: str, *, words: Mapping[str, bool]) -> bool | RejectReason:
    return words.get(text.casefold(), RejectReason.NOT_A_BOOLEAN)


def boolean_words(field: Field) -> dict[str, bool]:
    """The field's words for true and false with their values; ``true`` and ``false`` if the field names none."""
    words = {word.casefold(): True for word in field.true_words or ("true",)}
    return words | {word.casefold(): False for word in field.false_words or ("false",)}
