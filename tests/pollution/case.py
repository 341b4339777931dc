"""A polluted file, and what must come of each part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import accumulate
from typing import NamedTuple

from pollution.tables import Row, Table
from pollution.writing import Style


class Fate(Enum):
    """What our rules make of a piece of a file. Other readers may do otherwise without being wrong."""

    ROW = auto()
    """A row of the table, undamaged: it must be there to the letter."""
    REJECT = auto()
    """Damaged, or none of the table's rows: every line of it must be a reject, blank ones aside."""
    EITHER = auto()
    """Undamaged, but below an open quote, so that it may be part of a damaged cell."""
    SKIPPED = auto()
    """The header, a blank line, a byte order mark: neither a row nor a reject."""


class Piece(NamedTuple):
    """Some whole lines of a file. ``row`` is what the sender meant by them, None where that is no row."""

    data: bytes
    fate: Fate
    row: Row | None = None


class Polluted(NamedTuple):
    """A file made from a base; ``refused``: nothing of it may be read."""

    where: str
    pieces: list[Piece]
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A clean file: a table in a legal style."""

    table: Table
    style: Style

    @property
    def name(self) -> str:
        kind = "tsv" if self.style.delimiter == "\t" else "csv"
        return f"{self.table.name} {kind}{' all quoted' if self.style.all_quoted else ''}"


Pollution = Callable[[Base], Iterator[Polluted]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    kind: str
    where: str
    base: Base
    pieces: tuple[Piece, ...]
    refused: bool

    @property
    def name(self) -> str:
        return f"{self.kind} ({self.where}) of {self.base.name}"

    @property
    def data(self) -> bytes:
        return b"".join(piece.data for piece in self.pieces)

    def extents(self) -> list[tuple[int, int]]:
        """Where each piece begins and ends."""
        ends = list(accumulate(len(piece.data) for piece in self.pieces))
        return list(zip([0, *ends], ends, strict=False))
