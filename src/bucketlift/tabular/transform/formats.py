"""Writes dates, timestamps and numbers as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from bucketlift.model.rows import RejectReason
from bucketlift.model.transforms.steps import FormatNumber, FormatTime
from bucketlift.tabular.transform.values import Array, by_distinct, local_times
from bucketlift.tabular.types.columns import Values
from bucketlift.tabular.types.layouts import DAYS, MONTHS

_LETTER = re.compile("%(.)", re.DOTALL)
_WRITTEN: dict[str, Callable[[datetime], str]] = {
    "%": lambda _: "%",
    "Y": lambda time: f"{time.year:04}",
    "y": lambda time: f"{time.year % 100:02}",
    "m": lambda time: f"{time.month:02}",
    "b": lambda time: MONTHS[time.month - 1][:3],
    "B": lambda time: MONTHS[time.month - 1],
    "d": lambda time: f"{time.day:02}",
    "a": lambda time: DAYS[time.weekday()][:3],
    "A": lambda time: DAYS[time.weekday()],
    "H": lambda time: f"{time.hour:02}",
    "I": lambda time: f"{time.hour % 12 or 12:02}",
    "p": lambda time: "AM" if time.hour < 12 else "PM",
    "M": lambda time: f"{time.minute:02}",
    "S": lambda time: f"{time.second:02}",
    "f": lambda time: f"{time.microsecond:06}",
    "z": lambda time: f"{time:%z}"[:5],
}
"""What each letter of a format writes. The names of months and days are English in every locale."""
LETTERS = frozenset(_WRITTEN) - {"%"}


class TimeFormat:
    """Writes dates and times as text. Each distinct value is converted only once."""

    def __init__(self, step: FormatTime) -> None:
        self._format = step.format
        self._zone = UTC if step.timezone is None else ZoneInfo(step.timezone)

    def __call__(self, values: Array) -> Values:
        if pa.types.is_date(values.type):
            return by_distinct(values, self._of_date, pa.string())
        zoned = values.type.tz is not None
        return by_distinct(local_times(values), self._of_moment if zoned else self._written, pa.string())

    def _of_date(self, day: date) -> str:
        return self._written(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - a local time

    def _of_moment(self, moment: datetime) -> str | RejectReason:
        try:
            return self._written(moment.replace(tzinfo=UTC).astimezone(self._zone))
        except OverflowError:
            return RejectReason.OUT_OF_RANGE

    def _written(self, time: datetime) -> str:
        return _LETTER.sub(lambda found: _WRITTEN[found[1]](time), self._format)


class NumberFormat:
    """Writes numbers as text. Each distinct value is converted only once."""

    def __init__(self, step: FormatNumber) -> None:
        self._step = step

    def __call__(self, values: Array) -> Values:
        return by_distinct(values, self._written, pa.string())

    def _written(self, value: int | Decimal) -> str | RejectReason:
        sign, whole, behind = _parts(value)
        if self._step.scale is not None:
            if len(behind.rstrip("0")) > self._step.scale:
                return RejectReason.TOO_PRECISE
            behind = behind[: self._step.scale].ljust(self._step.scale, "0")
        if self._step.thousands is not None:
            whole = f"{int(whole):,}".replace(",", self._step.thousands)
        return f"{sign}{whole}{self._step.decimal_point if behind else ''}{behind}"


def _parts(value: int | Decimal) -> tuple[str, str, str]:
    """The three parts of a number: its sign, the digits before the decimal point, and the digits after it."""
    whole, _, behind = f"{abs(value) if isinstance(value, int) else value.copy_abs():f}".partition(".")
    return "-" if value < 0 else "", whole, behind if isinstance(value, Decimal) else ""
