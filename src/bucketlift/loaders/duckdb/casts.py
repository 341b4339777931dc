"""Text into a column of any type: exactly, or not at all."""

from __future__ import annotations

import re

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.fit import Fit, TableColumn
from bucketlift.model.load import Target

_SIGN = "bucketlift-inexact"
_SIGNED = re.compile(_SIGN + r" column (?P<column>\d+) line (?P<line>\d+)")

_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d{1,6}0*)?)?"
_INTEGER = r"[+-]?\d+"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

FORMS = {
    # What DuckDB would otherwise round, cut or guess: 1.5 to 2, a time off a date, an offset off a timestamp.
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
WHOLE = frozenset({"BOOLEAN", "UUID", "JSON"})
"""Types whose cast keeps all that the text says."""


def exact(value: str, column: TableColumn, position: int) -> str:
    """SQL that turns text into the column's type, or ends the statement with ``inexact``'s sign."""
    if column.type == "VARCHAR":
        return value
    cast = f"TRY_CAST({value} AS {column.type})"
    message = f"error('{_SIGN} column {position} line ' || line)"
    fits = f"{cast} IS NOT NULL AND {_keeps(value, cast, column.type)}"
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {fits} THEN {cast} ELSE {message} END"


def inexact(error: Exception, target: Target, fit: Fit) -> DestinationRefused | None:
    """The refusal that ``exact`` signalled, or None where the error is another one."""
    signed = _SIGNED.search(str(error))
    if not signed:
        return None
    column = fit.mapped[int(signed["column"])]
    return DestinationRefused(
        f"Line {signed['line']} has a value that is not exactly a {column.type}, which the column "
        f"{column.name} needs",
        to=f"table {target.table}",
        hint="Mend the file, map the field to a text column, or make the column VARCHAR.",
    )


def _keeps(value: str, cast: str, kind: str) -> str:
    """Whether nothing of the text is lost. A type that is not known here must give the same text back."""
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
    """IEEE 754: every decimal of 15 (6) significant digits comes back from a double (single) unchanged."""
    safe = 15 if kind == "DOUBLE" else 6
    mantissa = f"regexp_replace(regexp_replace({value}, '[eE].*', ''), '[^0-9]', '', 'g')"
    return f"(length(trim({mantissa}, '0')) <= {safe} OR CAST({cast} AS VARCHAR) = {value})"
