"""The types of a field's values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TypeName(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"


MAX_PRECISION = 38
"""Maximum digits of a decimal: the limit of Arrow's 128 bits and of every destination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueType:
    """The type of a staged column, and of the column that a destination creates for it.

    Staged as Arrow: text string, integer int64, decimal decimal128(precision, scale), date date32, timestamp
    timestamp[us] (with zone UTC if ``zoned``), boolean bool.
    """

    name: TypeName = TypeName.TEXT
    precision: int = MAX_PRECISION
    """For a decimal: total digits, 1 to 38."""
    scale: int = 0
    """For a decimal: digits after the decimal point."""
    zoned: bool = False
    """For a timestamp: True is a moment in UTC; False is local time without a zone."""


TEXT = ValueType()
