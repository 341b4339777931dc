"""Converts text exactly to the type of a column. If a conversion would change the value, the value is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bucketlift.loaders import field_types
from bucketlift.loaders.batches import value
from bucketlift.loaders.fit import TableColumn
from bucketlift.loaders.postgresql.columns import field_type
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.staging import STAGED, declared
from bucketlift.loaders.postgresql.tables import Table
from bucketlift.model.load import Target

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# Without 24:00 and without second 60, because PostgreSQL converts them to another day or minute.
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6}0*)?)?"
_INTEGER = "[+-]?[0-9]+"
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"

FORMS = {
    # PostgreSQL would trim, round, cut or guess such values: 1.5 as 2, the time of a date, 0x1F, yesterday.
    "smallint": _INTEGER,
    "integer": _INTEGER,
    "bigint": _INTEGER,
    "numeric": _NUMBER,
    "date": _DAY,
    "time without time zone": _CLOCK,
    "timestamp without time zone": f"{_DAY}([ T]{_CLOCK})?",
    "timestamp with time zone": f"{_DAY}[ T]{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)",
    "boolean": "([tT]|[tT][rR][uU][eE]|[fF]|[fF][aA][lL][sS][eE]|[yY]|[yY][eE][sS]|[nN]|[nN][oO]|[oO][nN]"
    "|[oO][fF][fF]|1|0)",
}
WHOLE = frozenset({"uuid", "json"})
"""Types to which any text can be cast without a loss."""
_SEEN = 40
"""Number of characters at the start of a value from which its format is recognised."""
_LONGEST_REPEAT = 255
"""Maximum number that a repetition in PostgreSQL's regular expressions may have."""

_MISFIT = """
    SELECT line, misfit, CASE misfit {values} END
    FROM (SELECT *, CASE {cases} END AS misfit FROM {staged}) AS looked_at
    WHERE misfit IS NOT NULL ORDER BY place, sequence LIMIT 1
"""
_CONVERT = "ALTER TABLE {staged} {conversions}"


def convert(
    connection: Connection, target: Target, checked: Mapping[int, TableColumn], table: Table | None
) -> None:
    """Convert staged columns to the table's types.

    ``checked`` contains the columns to convert, by their position in the target.

    Raises:
        DestinationRefused: a value would change. The error names the column and the line, never the value.
    """
    if not checked:
        return
    # PostgreSQL 16 can test a cast first. On older versions a failed cast ends the load, without a line
    # number.
    asks = connection.info.server_version >= 160_000
    cases = " ".join(
        f"WHEN {value(at)} IS NOT NULL AND NOT ({_fits(value(at), column, asks=asks)}) THEN {at}"
        for at, column in checked.items()
    )
    values = " ".join(f"WHEN {at} THEN left({value(at)}, {_SEEN})" for at in checked)
    found = connection.execute(_MISFIT.format(cases=cases, values=values, staged=STAGED)).fetchone()
    if found:
        line, at, seen = found
        expected = field_type(checked[at].type)
        raise field_types.inexact(
            target, checked[at], target.columns[at], line, expected=expected, value=seen
        )
    conversions = ", ".join(
        f"ALTER COLUMN {value(at)} TYPE {declared(column, table)} USING CAST({value(at)} AS {column.type})"
        for at, column in checked.items()
    )
    connection.execute(_CONVERT.format(staged=STAGED, conversions=conversions))


def _fits(text: str, column: TableColumn, *, asks: bool) -> str:
    keeps = _keeps(text, column.type, asks=asks)
    return (
        f"CASE WHEN pg_input_is_valid({text}, {_literal(column.type)}) THEN {keeps} ELSE false END"
        if asks
        else keeps
    )


def _keeps(text: str, kind: str, *, asks: bool) -> str:
    """The SQL condition that the cast loses nothing.

    For an unknown type, the value must convert back to the same text.
    """
    cast = f"CAST({text} AS {kind})"
    if form := _form(kind):
        return f"{text} ~ '^({form})$'"
    if kind in WHOLE:
        return "true"
    if kind == "jsonb" and asks:
        return f"{text} IS JSON WITH UNIQUE KEYS"
    if kind in {"double precision", "real"}:
        return f"{text} ~ '^({_NUMBER})$' AND {_digits(text, cast, kind)}"
    if kind.startswith("character("):
        return f"CAST({cast} AS text) = {text}"
    return f"format('%s', {cast}) = {text}"


def _form(kind: str) -> str | None:
    if kind in FORMS:
        return FORMS[kind]
    decimal = re.fullmatch(r"numeric\([0-9]+,(?P<scale>[0-9]+)\)", kind)
    scale = int(decimal["scale"]) if decimal else _LONGEST_REPEAT + 1
    if scale > _LONGEST_REPEAT:
        return None
    return (
        rf"[+-]?([0-9]+(\.[0-9]{{0,{scale}}}0*)?|\.([0-9]{{1,{scale}}})0*)"
        if scale
        else r"[+-]?([0-9]+(\.0*)?|\.0+)"
    )


def _digits(text: str, cast: str, kind: str) -> str:
    """The SQL condition that a number does not have too many digits for its type.

    IEEE 754: every decimal of 15 (double) or 6 (single) significant digits is unchanged after conversion and
    back.
    """
    safe = 15 if kind == "double precision" else 6
    mantissa = f"regexp_replace(regexp_replace({text}, '[eE].*', ''), '[^0-9]', '', 'g')"
    return f"(length(trim('0' FROM {mantissa})) <= {safe} OR CAST({cast} AS text) = {text})"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
