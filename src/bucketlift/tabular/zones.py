"""What a clock on the wall shows, to the moment it means: one by one, or many at once on ordinary days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from bucketlift.errors import RequestWrong
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.computing import compute

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a clock on the wall
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE = 400_000
"""Days by which the epoch is put back, so that a division goes the same way on both of its sides."""


class Zone:
    """An IANA time zone, and what is known of its days so far."""

    def __init__(self, name: str) -> None:
        """Look a zone up.

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
        self._offsets: dict[int, int | None] = {}

    def moment(self, local: datetime) -> datetime | RejectReason:
        """The moment in UTC. A time that the zone skipped or had twice is none (PEP 495 tells them apart)."""
        early, late = self._offset(local, 0), self._offset(local, 1)
        if early < late:
            return RejectReason.NO_SUCH_TIME
        if early > late:
            return RejectReason.AMBIGUOUS_TIME
        try:
            return (local - early).replace(tzinfo=UTC)
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
        """Microseconds ahead of UTC for the whole of a day since the epoch; None where that changes."""
        if day not in self._offsets:
            begin = EPOCH + day * _DAY
            found = {self._offset(at, fold) for at in (begin, begin + _DAY) for fold in (0, 1)}
            self._offsets[day] = found.pop() // _MICROSECOND if len(found) == 1 else None
        return self._offsets[day]

    def _offset(self, local: datetime, fold: int) -> timedelta:
        return local.replace(tzinfo=self._zone, fold=fold).utcoffset() or timedelta(0)
