"""Rejects that a person mended (corrected), to be loaded into the tables of their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a mended row states about its original reject; a missing value is None."""

    file: str | None = None
    """The ID of the file from which the reject was exported."""
    text: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedRow:
    """A mended reject, identified by its file and its position there."""

    line: int
    offset: int
    cells: Mapping[str, str | None]
    """For each field of the contract, the text of its cell; None if the cell is not filled in."""
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """In which column of a file each field of the contract is; read from the file's header."""

    columns: Mapping[str, int | None]
    """For each field, its column, counted from 0. None: the file has no such column, and the field is read as
    empty.
    """
    width: int


class UnfitReason(StrEnum):
    """Reasons why a mended row is not loaded. The reasons for rejects apply too."""

    NOT_FILLED_IN = "not-filled-in"
    MENDED_OTHERWISE = "mended-otherwise"
    """The row was already loaded, with other cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """A mended row that cannot be loaded."""

    line: int
    offset: int
    reason: str
    """The value of a RejectReason or of an UnfitReason."""
    field: str | None = None
