"""Converts local times to UTC: one at a time, or many at once on days without a change of the offset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.types.computing import compute

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE = 400_000
"""Number of days by which the epoch is moved back, so that all day numbers are positive and division always
rounds down.
"""


class _Local(NamedTuple):
    """The offset and the abbreviation of a zone at a local time."""

    offset: timedelta
    abbreviation: str


class Zone:
    """An IANA time zone with a cache of its offsets by day."""

    def __init__(self, name: str, called: str | None = None) -> None:
        """Look up a zone. ``called`` is the name that is written after its times, if there is one.

        If this is a name that the zone itself uses, such as ``PST`` for Los Angeles, a time is valid only
        while the zone uses the name. Any other name, such as ``Pacific``, only selects the zone.

        Raises:
            RequestWrong: the zone does not exist.
        """
        try:
            self._zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise RequestWrong(
                "This time zone does not exist",
                to=name,
                hint="Write a name from the IANA list, such as America/Denver.",
            ) from None
        self._abbreviation = called if called in _abbreviations(self._zone) else None
        self._offsets: dict[int, int | None] = {}

    def moment(self, local: datetime) -> datetime | RejectReason:
        """The time in UTC. A local time that the zone skips or repeats is rejected (detected as in PEP 495).

        If a local time occurs twice, the name of the zone can show which of the two times is meant.
        """
        early, late = self._local(local, 0), self._local(local, 1)
        meant = {each.offset for each in (early, late) if self._is_meant(each)}
        if early.offset < late.offset or not meant:
            return RejectReason.NO_SUCH_TIME
        if len(meant) > 1:
            return RejectReason.AMBIGUOUS_TIME
        try:
            return (local - meant.pop()).replace(tzinfo=UTC)
        except OverflowError:
            return RejectReason.OUT_OF_RANGE

    def moments(self, locals_: pa.Array[Any]) -> pa.Array[Any]:
        """Convert local timestamps of the years 1000 to 8999 to UTC; null on days on which the offset
        changes.

        Two changes of a zone are always at least three days apart, so a comparison of both ends of a day
        finds every change.
        """
        micros = locals_.cast(pa.int64())
        day = _DAY // _MICROSECOND
        days = compute.divide(compute.add(micros, _BEFORE * day), day).dictionary_encode()
        known = pa.array([self._offset_on(each.as_py() - _BEFORE) for each in days.dictionary], pa.int64())
        shifted = compute.subtract(micros, known.take(days.indices))
        return shifted.cast(pa.timestamp("us", tz="UTC"))  # type: ignore[no-any-return]  # see above

    def _offset_on(self, day: int) -> int | None:
        """The zone's offset from UTC in microseconds on a day, which is counted from the epoch. None if the
        offset or its name changes on this day.
        """
        if day not in self._offsets:
            begin = EPOCH + day * _DAY
            found = {self._local(at, fold) for at in (begin, begin + _DAY) for fold in (0, 1)}
            offsets = {each.offset for each in found}
            sure = len(offsets) == 1 and all(map(self._is_meant, found))
            self._offsets[day] = offsets.pop() // _MICROSECOND if sure else None
        return self._offsets[day]

    def _is_meant(self, local: _Local) -> bool:
        return self._abbreviation in (None, local.abbreviation)

    def _local(self, local: datetime, fold: int) -> _Local:
        there = local.replace(tzinfo=self._zone, fold=fold)
        return _Local(there.utcoffset() or timedelta(0), there.tzname() or "")


Zones = Mapping[str | None, Zone]
"""The zone for each name that a text may contain. The key None is for texts without a name."""


def zones_of(field: Field) -> Zones:
    """The zones of a timestamp field, by the name that a text may contain.

    Raises:
        RequestWrong: a zone does not exist.
    """
    zones: dict[str | None, Zone] = {called: Zone(name, called) for called, name in field.zone_names}
    return zones if field.timezone is None else {**zones, None: Zone(field.timezone)}


@cache
def _abbreviations(zone: ZoneInfo) -> frozenset[str | None]:
    """The abbreviations that a zone has used since 1900. One day of each month is checked."""
    months = (datetime(1900 + month // 12, month % 12 + 1, 15, tzinfo=zone) for month in range(140 * 12))
    return frozenset(each.tzname() for each in months)
