"""Finds nulls that depend on how a cell is written: with or without quotes, or with an escape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bucketlift.model.contract import Contract, Dialect, Escapes
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks, strip_boms
from bucketlift.tabular.csv.cells import Fault, cell_at
from bucketlift.tabular.csv.records import Kept, RawNull, Record


def by_raw_cell(dialect: Dialect) -> bool:
    """Whether null words are compared with the cell as it is written, not with its content."""
    return not dialect.null_quoted or dialect.escapes in (Escapes.MYSQL, Escapes.POSTGRESQL)


def words_of(contract: Contract) -> list[frozenset[bytes]]:
    return [frozenset(word.encode() for word in field.null_words) for field in contract.fields]


@dataclass(kw_only=True)
class Nulls:
    """Finds the nulls in records before the cells are converted to values."""

    data: Bytes
    marks: Marks
    contract: Contract
    positions: Sequence[int | None]
    in_quotes: int = 0
    """Number of quoted null words that were read as nulls."""
    words: list[frozenset[bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self.words = words_of(self.contract)
        self._raw = by_raw_cell(self.contract.dialect)
        self._any = frozenset[bytes]().union(*self.words)
        self._columns = [
            (position, words)
            for position, words in zip(self.positions, self.words, strict=True)
            if position is not None and words
        ]

    def look(self, record: Record) -> Record:
        """Mark the quoted null words of a record as texts. If quoted null words are nulls, only count them."""
        quote = self.marks.quote
        if quote is None or not self._any or self._any.isdisjoint(record.cells):
            return record
        raw = strip_boms(self.data[record.offset : record.end])
        if quote not in raw:
            return record
        quoted = _quoted(raw, self.marks)
        found = [
            column for column, words in self._columns if quoted[column] and record.cells[column] in words
        ]
        if self.contract.dialect.null_quoted:
            self.in_quotes += sum(not isinstance(record.cells[column], Kept) for column in found)
            return record
        cells = list(record.cells)
        for column in found:
            cells[column] = Kept(cells[column])
        return record._replace(cells=cells)

    def texts(self, records: Sequence[Sequence[bytes]], number: int) -> list[bytes | None]:
        """The cells of one field. If nulls are recognised by the cells as they are written, a null is None."""
        position, words = self.positions[number], self.words[number]
        if position is None:
            return [None if self._raw and b"" in words else b""] * len(records)
        cells = [cells[position] for cells in records]
        return [_text(cell, words) for cell in cells] if self._raw else list(cells)


def _text(cell: bytes, words: frozenset[bytes]) -> bytes | None:
    if isinstance(cell, Kept):
        return cell
    if cell in words:
        return None
    return b"N" if isinstance(cell, RawNull) else cell


def _quoted(raw: bytes, marks: Marks) -> list[bool]:
    """For each cell of a valid record, whether it is quoted."""
    found, at = list[bool](), 0
    while not isinstance(cell := cell_at(raw, marks, at), Fault):
        found.append(cell.quoted)
        if cell.last:
            break
        at = cell.after
    return found
