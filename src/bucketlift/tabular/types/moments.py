"""Converts one cell to a date or a timestamp, strictly by its layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bucketlift.model.rows import RejectReason
from bucketlift.tabular.types.layouts import DAY_NUMBERS, MONTH_NUMBERS, Layout
from bucketlift.tabular.types.zones import Zones

CENTURY_TURN = 69
"""The first year of two digits that is in the last century. POSIX strptime %y: 69 to 99 are 1969 to 1999, 00
to 68 are 2000 to 2068.
"""

Parts = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    layout: Layout

    def __call__(self, text: str) -> date | RejectReason:
        found = self.layout.exact.fullmatch(text)
        day = _day(found.groupdict()) if found else None
        return RejectReason.NOT_A_DATE if day is None else day


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Converts texts to timestamps: to UTC if the text has an offset or a zone name, or if the field has a
    zone; otherwise to local time.
    """

    layout: Layout
    zones: Zones

    def __call__(self, text: str) -> datetime | RejectReason:
        found = self.layout.exact.fullmatch(text)
        parts = found.groupdict() if found else {}
        day, clock = (_day(parts), _clock(parts)) if found else (None, None)
        if day is None or clock is None:
            return RejectReason.NOT_A_TIMESTAMP
        fraction = _microseconds(parts.get("f") or "")
        if fraction is None:
            return RejectReason.TOO_PRECISE
        return self._moment(datetime.combine(day, clock.replace(microsecond=fraction)), parts)

    def _moment(self, local: datetime, parts: Parts) -> datetime | RejectReason:
        if (offset := parts.get("z")) is not None:
            return _moved(local, offset)
        zone = self.zones.get(parts.get("Z"))
        return local if zone is None else zone.moment(local)


def _day(parts: Parts) -> date | None:
    try:
        day = date(_year(parts), _month(parts), int(parts["d"] or 0))
    except ValueError:
        return None
    weekday = parts.get("a") or parts.get("A")
    if weekday is not None and DAY_NUMBERS[weekday[:3].lower()] != day.weekday():
        return None
    return day


def _year(parts: Parts) -> int:
    if four := parts.get("Y"):
        return int(four)
    two = int(parts["y"] or 0)
    return two + (1900 if two >= CENTURY_TURN else 2000)


def _month(parts: Parts) -> int:
    if number := parts.get("m"):
        return int(number)
    name = parts.get("b") or parts.get("B") or ""
    return MONTH_NUMBERS[name[:3].lower()]


def _clock(parts: Parts) -> time | None:
    hour, half = int(parts.get("H") or parts.get("I") or 0), parts.get("p")
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.upper() == "PM" else 0)
    try:
        return time(hour, int(parts.get("M") or 0), int(parts.get("S") or 0))
    except ValueError:
        return None


def _microseconds(fraction: str) -> int | None:
    """The number of microseconds for a fraction of a second; None if a digit after the sixth is not zero."""
    return None if fraction[6:].strip("0") else int(fraction[:6].ljust(6, "0"))


def _moved(local: datetime, offset: str) -> datetime | RejectReason:
    digits = offset[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        return RejectReason.NOT_A_TIMESTAMP
    ahead = timedelta(hours=hours, minutes=minutes)
    try:
        return (local + ahead if offset[0] == "-" else local - ahead).replace(tzinfo=UTC)
    except OverflowError:
        return RejectReason.OUT_OF_RANGE
