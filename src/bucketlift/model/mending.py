"""Rejects that a person mended, and their way into the tables of their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a mended row still tells of the reject that it was; None where it does not."""

    file: str | None = None
    """The id of the file that it was exported from."""
    text: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedRow:
    """A reject as a person wants it loaded, named by where it stands in its file."""

    line: int
    offset: int
    cells: Mapping[str, str | None]
    """Per field of the contract, as it would stand in a file; None where nobody has filled it in."""
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where a file has the fields of its contract, as its header said."""

    columns: Mapping[str, int | None]
    """Per field: its column, from 0; None where the file has none, and its cells are empty."""
    width: int


class UnfitReason(StrEnum):
    """Why a mended row is not loaded, beside what makes a record a reject."""

    NOT_FILLED_IN = "not-filled-in"
    MENDED_OTHERWISE = "mended-otherwise"
    """It was loaded already, with other cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """A mended row that cannot be loaded as it is."""

    line: int
    offset: int
    reason: str
    """A RejectReason or an UnfitReason."""
    field: str | None = None
