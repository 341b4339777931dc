"""Converts a column of times to UTC after the file was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from bucketlift.model.contract import Field
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.columns import ColumnReader, Values

if TYPE_CHECKING:
    from bucketlift.tabular.types.shortcuts import Texts


def time_reader(form: str | None, time_zone: str | None) -> ColumnReader:
    """The reader for texts with times.

    Raises:
        RequestWrong: the format or the time zone cannot be used.
    """
    field = Field(name="time", type=TypeName.TIMESTAMP, format=form, timezone=time_zone)
    return ColumnReader.of(field)


def in_utc(values: pa.Array[Any], form: str | None, time_zone: str | None) -> Values:
    """Convert a column of texts or of local timestamps to times in UTC. An empty text becomes null."""
    return time_reader(form, time_zone).read(cast("Texts", values.cast(pa.string())))
