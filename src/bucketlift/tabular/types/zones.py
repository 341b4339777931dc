"""What a clock on the wall shows, to the moment it means: one by one, or many at once on ordinary days."""

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

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a clock on the wall
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE = 400_000
"""Days by which the epoch is put back, so that a division goes the same way on both of its sides."""


class _Local(NamedTuple):
    """What a zone says of a local time."""

    offset: timedelta
    abbreviation: str


class Zone:
    """An IANA time zone, and what is known of its days so far."""

    def __init__(self, name: str, called: str | None = None) -> None:
        """Look a zone up. ``called`` is the name that stands beside its times, if they have one.

        If the zone itself uses that name, as ``PST`` in Los Angeles, a time must be one at which the zone uses it.
        Any other name, as ``Pacific``, says no more than which zone is meant.

        Raises:
            RequestWrong: there is none of this name.
        """
        try:
            self._zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise RequestWrong(
                "There is no such time zone",
                to=name,
                hint="Write a name of the IANA list, as America/Denver.",
            ) from None
        self._abbreviation = called if called in _abbreviations(self._zone) else None
        self._offsets: dict[int, int | None] = {}

    def moment(self, local: datetime) -> datetime | RejectReason:
        """The moment in UTC. A time that the zone skipped or had twice is none (PEP 495 tells them apart).

        The name of a time that the zone had twice can tell which one it is.
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
        """Timestamps in UTC for local ones of the years 1000 to 8999; null on days of another offset at their end.

        No two changes of a zone are less than three days apart, so none is missed.
        """
        micros = locals_.cast(pa.int64())
        day = _DAY // _MICROSECOND
        days = compute.divide(compute.add(micros, _BEFORE * day), day).dictionary_encode()
        known = pa.array([self._offset_on(each.as_py() - _BEFORE) for each in days.dictionary], pa.int64())
        shifted = compute.subtract(micros, known.take(days.indices))
        return shifted.cast(pa.timestamp("us", tz="UTC"))  # type: ignore[no-any-return]  # see above

    def _offset_on(self, day: int) -> int | None:
        """Microseconds ahead of UTC for the whole of a day since the epoch; None if that, or its name, changes."""
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
"""The zone that each name in a text means; under None that of texts without a name."""


def zones_of(field: Field) -> Zones:
    """The zones of a timestamp field.

    Raises:
        RequestWrong: there is no such zone.
    """
    zones: dict[str | None, Zone] = {called: Zone(name, called) for called, name in field.zone_names}
    return zones if field.timezone is None else {**zones, None: Zone(field.timezone)}


@cache
def _abbreviations(zone: ZoneInfo) -> frozenset[str | None]:
    """Those that a zone used in any month from 1900 on."""
    months = (datetime(1900 + month // 12, month % 12 + 1, 15, tzinfo=zone) for month in range(140 * 12))
    return frozenset(each.tzname() for each in months)
