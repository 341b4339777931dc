"""Suggests a field type with which text can be loaded into a typed column of an existing table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.fit import TableColumn
from bucketlift.model.load import Column, Target
from bucketlift.model.types import MAX_PRECISION, TypeName, ValueType
from bucketlift.tabular.types.currencies import currencies_in
from bucketlift.yaml_text import hint

ANY_SCALE = 10
"""The number of decimal places that is suggested for a column without a fixed scale."""
_SIGNS = r"(?P<before>[^0-9]*?)(?P<open>\(?)[+-]?(?P<number>[0-9][0-9.,' \u00a0]*)(?P<minus>-?)(?P<close>\)?)(?P<after>[^0-9]*)"
_NUMBER = re.compile(_SIGNS)
_GROUP = 3
"""The number of digits between two thousands separators."""
_DAY = re.compile(r"(?P<first>\d{1,2})(?P<between>[./-])(?P<second>\d{1,2})(?P=between)(?P<year>\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"\d{4}(?P<between>[./])\d{1,2}(?P=between)\d{1,2}")
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_CLOCK = re.compile(r"(?P<day>\S+)[ T]\d{1,2}:\d{2}(?P<seconds>:\d{2})?")


def inexact(
    target: Target,
    column: TableColumn,
    field: Column,
    line: int,
    *,
    expected: ValueType | None,
    value: str | None,
) -> DestinationRefused:
    """The error for a value that does not fit its column.

    ``expected`` is the field type that the column stores unchanged. Only the format of ``value`` is used, never
    the value itself.
    """
    return DestinationRefused(
        f"The value in line {line} cannot be stored exactly in the column {column.name} ({column.type})",
        to=f"table {target.table}",
        hint=_hint(field, expected, value),
    )


def decimal(precision: int, scale: int) -> ValueType | None:
    """The decimal type with this precision and scale; None if no decimal can have them."""
    if not 0 <= scale <= min(precision, MAX_PRECISION):
        return None
    return ValueType(name=TypeName.DECIMAL, precision=min(precision, MAX_PRECISION), scale=scale)


def _hint(field: Column, expected: ValueType | None, value: str | None) -> str:
    other = "correct the file, map the field to a text column, or make the column a text column."
    if expected is None or expected == field.type:
        return other.capitalize()
    *forms, last = [hint({"fields": {field.field: form}}) for form in _forms(expected, value)]
    or_else = "".join(f"`{form}` or, if the month comes first, " for form in forms)
    zone = " In place of UTC, name the time zone of the file's clock." if expected.zoned else ""
    return (
        f"Give the field the type of the column, in the extract task: {or_else}`{last}`.{zone} Then an empty cell is "
        "NULL, and each row that does not fit becomes a reject. Apply it, and try the file again with "
        f"`bucketlift files retry`. Or {other}"
    )


def _forms(expected: ValueType, value: str | None) -> Iterator[dict[str, object]]:
    """Yield the field settings to suggest. There are two if the value can be read in two ways."""
    said: dict[str, object] = {"type": expected.name.value}
    match expected.name:
        case TypeName.DECIMAL:
            yield (
                said
                | {"precision": expected.precision, "scale": expected.scale}
                | _number(value, expected.scale)
            )
        case TypeName.INTEGER:
            yield said | _number(value, 0)
        case TypeName.BOOLEAN:
            yield said | {
                "true": ["true", "t", "yes", "y", "on", "1"],
                "false": ["false", "f", "no", "n", "off", "0"],
            }
        case TypeName.DATE | TypeName.TIMESTAMP:
            zone = {"timezone": "UTC"} if expected.zoned else {}
            for form in _formats(value):
                yield said | form | zone
        case _:
            yield said


def _number(value: str | None, scale: int) -> dict[str, object]:
    found = _NUMBER.fullmatch(value or "")
    if found is None:
        return {}
    separators = _separators(found["number"].strip(), scale)
    beside = found["before"] + found["after"] + " " * (found["number"] != found["number"].rstrip())
    strip = [*dict.fromkeys(currencies_in(beside)), *([" "] if " " in beside else [])]
    negative = ["parentheses"] if found["open"] and found["close"] else ["trailing"] if found["minus"] else []
    said: dict[str, object] = {**separators}
    if negative:
        said["negative"] = negative
    if strip:
        said["strip"] = strip
    return said


def _separators(number: str, scale: int) -> dict[str, str]:
    """The decimal point and the thousands separator, if the number can be read in only one way.

    ``1.234`` can be 1234 or 1.234, so nothing is suggested for such a number.
    """
    signs = re.sub(r"[0-9]", "", number)
    if not signs:
        return {}
    last, others = signs[-1], set(signs[:-1])
    behind = len(number) - number.rfind(last) - 1
    if last in ".," and scale and len(others) == 1 and last not in others:
        return ({"decimal_point": ","} if last == "," else {}) | {"thousands": others.pop()}
    if last == "," and scale and not others and behind != _GROUP:
        return {"decimal_point": ","}
    grouped = others == {last} or (not others and last not in ".,")
    if not grouped or behind != _GROUP:
        return {}
    return ({"decimal_point": ","} if last == "." and scale else {}) | {"thousands": last}


def _formats(value: str | None) -> Iterator[dict[str, object]]:
    """Yield date formats to suggest; none if the value is in ISO 8601."""
    clock = _CLOCK.fullmatch(value or "")
    day = clock["day"] if clock else value or ""
    tail = "" if clock is None else f" %H:%M{':%S' if clock['seconds'] else ''}"
    formats = list(_days(day))
    for each in formats:
        yield {"format": each + tail}
    if not formats:
        yield {}


def _days(day: str) -> Iterator[str]:
    if found := _YEAR_FIRST.fullmatch(day):
        yield found["between"].join(("%Y", "%m", "%d"))
    elif _COMPACT.fullmatch(day):
        yield "%Y%m%d"
    elif found := _DAY.fullmatch(day):
        year = "%Y" if len(found["year"]) == 4 else "%y"
        day_first = found["between"].join(("%d", "%m", year))
        month_first = found["between"].join(("%m", "%d", year))
        if int(found["second"]) <= 12:
            yield day_first
        if int(found["first"]) <= 12 and found["between"] != ".":
            yield month_first
