"""Determines from a column's declared type how SQLite stores its values (sqlite.org/datatype3.html, chapter
3).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bucketlift.loaders.field_types import ANY_SCALE, decimal
from bucketlift.model.types import TypeName, ValueType

TEXT = "TEXT"
KEPT = "BLOB"
"""The kind of a column that stores every value unchanged."""
INTEGER = "INTEGER"
REAL = "REAL"
ROWID = "INTEGER PRIMARY KEY"
"""The kind of a column to which SQLite gives a number if a row has no value there, so that a NULL would not
be kept.
"""

_INTEGERS = re.compile(r"[+-]?[0-9]+")
_NUMBERS = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LOOKS_LIKE_A_NUMBER = re.compile(rf"[ \t\n\v\f\r]*{_NUMBERS.pattern}[ \t\n\v\f\r]*")
_NUMERIC_WORDS = re.compile(r"NUM|DEC|MONEY|CURRENCY", re.IGNORECASE)
_BOOLEAN_WORDS = re.compile(r"BOOL", re.IGNORECASE)
_DIGITS = re.compile(r"\(\s*(?P<all>\d+)\s*(,\s*(?P<behind>\d+)\s*)?\)")
_TRUTHS = {"true": 1, "false": 0, "1": 1, "0": 0}


class Inexact(ValueError):
    """A text cannot be converted exactly to a value of the column's type."""


def kind_of(declared: str, *, strict: bool) -> str:
    """The kind of a column: one of the names above, or the declared type if SQLite converts text in it that
    looks like a number.
    """
    word = declared.upper()
    if "INT" in word:
        return INTEGER
    if any(part in word for part in ("CHAR", "CLOB", "TEXT")):
        return TEXT
    if not word or "BLOB" in word or (strict and word == "ANY"):
        return KEPT
    if any(part in word for part in ("REAL", "FLOA", "DOUB")):
        return REAL
    return declared


def exactly(kind: str) -> Callable[[str], object] | None:
    """The function that converts text to the stored value; None if text is stored unchanged.

    The function raises Inexact if SQLite would change the value, or store it as another type than declared.
    """
    if kind in (TEXT, KEPT):
        return None
    if kind in (INTEGER, ROWID):
        return _integer
    if kind == REAL:
        return _real
    if _BOOLEAN_WORDS.search(kind):
        return _truth
    return _number if _NUMERIC_WORDS.search(kind) else _same


def field_type(kind: str) -> ValueType | None:
    """The field type whose values this kind of column stores unchanged; None if there is none."""
    if kind in (INTEGER, ROWID):
        return ValueType(name=TypeName.INTEGER)
    if _BOOLEAN_WORDS.search(kind):
        return ValueType(name=TypeName.BOOLEAN)
    if kind == REAL or _NUMERIC_WORDS.search(kind):
        digits = _DIGITS.search(kind)
        return decimal(int(digits["all"]), int(digits["behind"] or 0)) if digits else decimal(38, ANY_SCALE)
    if "TIME" in kind.upper():
        return ValueType(name=TypeName.TIMESTAMP)
    return ValueType(name=TypeName.DATE) if "DATE" in kind.upper() else None


def _integer(text: str) -> int:
    if not _INTEGERS.fullmatch(text) or len(text) > 4000:
        raise Inexact
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise Inexact
    return value


def _real(text: str) -> float:
    """Convert text to a REAL value.

    IEEE 754: every decimal of 15 significant digits is unchanged after conversion and back.
    """
    if not _NUMBERS.fullmatch(text):
        raise Inexact
    value = float(text)
    digits = re.sub(r"[^0-9]", "", re.sub(r"[eE].*", "", text)).strip("0")
    if abs(value) == float("inf") or (len(digits) > 15 and repr(value) != text):
        raise Inexact
    if value == 0 and digits:
        raise Inexact
    return value


def _number(text: str) -> int | float:
    return _integer(text) if _INTEGERS.fullmatch(text) else _real(text)


def _truth(text: str) -> int:
    try:
        return _TRUTHS[text.lower()]
    except KeyError:
        raise Inexact from None


def _same(text: str) -> object:
    """Convert text for a column that is declared as STRING or DATE. SQLite converts text there that looks
    like a number, so the number must be written like the text.
    """
    if not _LOOKS_LIKE_A_NUMBER.fullmatch(text):
        return text
    value = _number(text)
    if str(value) != text or (isinstance(value, float) and value.is_integer()):
        raise Inexact
    return value
