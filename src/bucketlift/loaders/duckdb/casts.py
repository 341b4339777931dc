"""Converts text exactly to the type of a column. If a conversion would change the value, the value is
refused.
"""

from __future__ import annotations

import re

from bucketlift.errors import DestinationRefused
from bucketlift.loaders import field_types
from bucketlift.loaders.fit import Fit, TableColumn
from bucketlift.model.load import Target
from bucketlift.model.types import TypeName, ValueType

_SIGN = "bucketlift-inexact"
_SIGNED = re.compile(_SIGN + r" column (?P<column>\d+) line (?P<line>\d+) value (?P<value>[0-9A-F]*)")
_SEEN = 40
"""Number of characters at the start of a value from which its format is recognised."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d{1,6}0*)?)?"
_INTEGER = r"[+-]?\d+"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

FORMS = {
    # DuckDB would round, cut or guess such values: 1.5 as 2, the time of a date, the offset of a timestamp.
    "TINYINT": _INTEGER,
    "SMALLINT": _INTEGER,
    "INTEGER": _INTEGER,
    "BIGINT": _INTEGER,
    "HUGEINT": _INTEGER,
    "UTINYINT": _INTEGER,
    "USMALLINT": _INTEGER,
    "UINTEGER": _INTEGER,
    "UBIGINT": _INTEGER,
    "UHUGEINT": _INTEGER,
    "DATE": _DAY,
    "TIME": _CLOCK,
    "TIMESTAMP": rf"{_DAY}([ T]{_CLOCK})?",
    "TIMESTAMP WITH TIME ZONE": rf"{_DAY}[ T]{_CLOCK}(Z|[+-]\d{{2}}(:?\d{{2}})?)",
}
_FIELD_TYPES = {
    "BOOLEAN": ValueType(name=TypeName.BOOLEAN),
    "DATE": ValueType(name=TypeName.DATE),
    "TIMESTAMP": ValueType(name=TypeName.TIMESTAMP),
    "TIMESTAMP WITH TIME ZONE": ValueType(name=TypeName.TIMESTAMP, zoned=True),
}
WHOLE = frozenset({"BOOLEAN", "UUID", "JSON"})
"""Types to which any text can be cast without a loss."""


def exact(value: str, column: TableColumn, position: int) -> str:
    """SQL that casts a text to the column's type.

    If the cast would change the value, the SQL fails with a marker that ``inexact`` recognises.
    """
    if column.type == "VARCHAR":
        return value
    cast = f"TRY_CAST({value} AS {column.type})"
    message = f"error('{_SIGN} column {position} line ' || line || ' value ' || hex(left({value}, {_SEEN})))"
    fits = f"{cast} IS NOT NULL AND {_keeps(value, cast, column.type)}"
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {fits} THEN {cast} ELSE {message} END"


def inexact(error: Exception, target: Target, fit: Fit) -> DestinationRefused | None:
    """Translate an error that the SQL of ``exact`` raised. Returns None for any other error."""
    signed = _SIGNED.search(str(error))
    if not signed:
        return None
    at = int(signed["column"])
    column = fit.mapped[at]
    return field_types.inexact(
        target,
        column,
        target.columns[at],
        int(signed["line"]),
        expected=_field_type(column.type),
        value=bytes.fromhex(signed["value"]).decode(),
    )


def _field_type(kind: str) -> ValueType | None:
    """The field type whose values a column of this type stores unchanged; None if there is none."""
    if digits := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind):
        return field_types.decimal(int(digits[1]), int(digits[2]))
    if kind in {"DOUBLE", "FLOAT"}:
        return field_types.decimal(38, field_types.ANY_SCALE)
    if FORMS.get(kind) == _INTEGER:
        return ValueType(name=TypeName.INTEGER)
    return _FIELD_TYPES.get(kind)


def _keeps(value: str, cast: str, kind: str) -> str:
    """The SQL condition that the cast loses nothing.

    For an unknown type, the value must convert back to the same text.
    """
    if kind in WHOLE:
        return "true"
    if kind in FORMS:
        return f"regexp_full_match({value}, '{FORMS[kind]}')"
    if decimal := re.fullmatch(r"DECIMAL\(\d+,(?P<scale>\d+)\)", kind):
        form = rf"[+-]?(\d+(\.\d{{0,{decimal['scale']}}}0*)?|\.\d{{1,{decimal['scale']}}}0*)"
        return f"regexp_full_match({value}, '{form}')"
    if kind in {"DOUBLE", "FLOAT"}:
        return (
            f"regexp_full_match({value}, '{_NUMBER}') AND isfinite({cast}) AND {_digits(value, cast, kind)}"
        )
    return f"CAST({cast} AS VARCHAR) = {value}"


def _digits(value: str, cast: str, kind: str) -> str:
    """The SQL condition that a number does not have too many digits for its type.

    IEEE 754: every decimal of 15 (double) or 6 (single) significant digits is unchanged after conversion and
    back.
    """
    safe = 15 if kind == "DOUBLE" else 6
    mantissa = f"regexp_replace(regexp_replace({value}, '[eE].*', ''), '[^0-9]', '', 'g')"
    return f"(length(trim({mantissa}, '0')) <= {safe} OR CAST({cast} AS VARCHAR) = {value})"
