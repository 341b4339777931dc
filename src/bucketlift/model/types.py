"""The types that a field's values can have."""

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
"""Digits that a decimal can have in all: what Arrow's 128 bits and every destination hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueType:
    """What a staged column holds, and what a destination makes a column for.

    Staged as Arrow: text string, integer int64, decimal decimal128(precision, scale), date date32, timestamp
    timestamp[us] (with zone UTC where ``zoned``), boolean bool.
    """

    name: TypeName = TypeName.TEXT
    precision: int = MAX_PRECISION
    """Of a decimal: digits in all, 1 to 38."""
    scale: int = 0
    """Of a decimal: digits behind the point."""
    zoned: bool = False
    """Of a timestamp: a moment in time, kept in UTC; else what a clock on the wall shows."""


TEXT = ValueType()
