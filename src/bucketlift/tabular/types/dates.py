"""Reads a column of dates after the file was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from bucketlift.model.contract import Field
from bucketlift.model.types import TypeName
from bucketlift.tabular.types.columns import ColumnReader

if TYPE_CHECKING:
    from bucketlift.tabular.types.shortcuts import Texts


def dates_of(column: pa.Array[Any], form: str | None) -> pa.Array[Any]:
    """The dates of a column of texts in this format. Other columns stay as they are."""
    if column.type != pa.string():
        return column
    reader = ColumnReader.of(Field(name="date", type=TypeName.DATE, format=form))
    return reader.read(cast("Texts", column)).values
