"""Rejects that a person mended (corrected), and their load into the tables of their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """References of a mended row to its original reject; None if missing."""

    file: str | None = None
    """The id of the file from which it was exported."""
    text: str | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedRow:
    """A mended reject, identified by its position in its file."""

    line: int
    offset: int
    cells: Mapping[str, str | None]
    """Per field of the contract, as written in a file; None if not filled in."""
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The columns of a contract's fields in a file, from its header."""

    columns: Mapping[str, int | None]
    """Per field: its column, from 0. None: the file has no such column, and the field is read as empty."""
    width: int


class UnfitReason(StrEnum):
    """Why a mended row is not loaded, in addition to the reasons for rejects."""

    NOT_FILLED_IN = "not-filled-in"
    MENDED_OTHERWISE = "mended-otherwise"
    """It was already loaded, with other cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """A mended row that cannot be loaded."""

    line: int
    offset: int
    reason: str
    """A RejectReason or an UnfitReason."""
    field: str | None = None
