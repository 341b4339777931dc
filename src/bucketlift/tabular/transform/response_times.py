"""Columns of responses as texts, with their times in UTC."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from bucketlift.model.directory.data_targets import ResponsesTarget
from bucketlift.model.load import Column
from bucketlift.tabular.transform.values import as_text
from bucketlift.tabular.types.utc_times import in_utc


def response_text(values: pa.Array[Any], column: Column, target: ResponsesTarget) -> pa.Array[Any]:
    """A column of responses as text, with its times in UTC if the target has a time zone or a format for them.

    Rows with other texts in place of a time became rejects when the file was read.
    """
    if target.is_moment(column):
        values = in_utc(values, target.format_of(column), target.time_zone).values
    texts: pa.Array[Any] = as_text(values)
    return texts
