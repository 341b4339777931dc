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
"""Maximum digits of a decimal: the limit of Arrow's decimal128 and of every destination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueType:
    """The type of a staged column, and of the column that a destination creates for it.

    In Arrow, a text is staged as string, an integer as int64, a decimal as decimal128(precision, scale), a
    date as date32, a timestamp as timestamp[us] (with zone UTC if ``zoned``), a boolean as bool.
    """

    name: TypeName = TypeName.TEXT
    precision: int = MAX_PRECISION
    """The total number of digits of a decimal, from 1 to 38."""
    scale: int = 0
    """The number of digits of a decimal after the decimal point."""
    zoned: bool = False
    """Whether a timestamp is a moment in UTC. If not, it is a local time without a zone."""


TEXT = ValueType()
