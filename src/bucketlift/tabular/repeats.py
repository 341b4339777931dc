"""Records that repeat the header: a slip directly below it, the beginning of a second table below data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.header import BOM, Header, fold
from bucketlift.tabular.mapped import Bytes
from bucketlift.tabular.marks import CR, LF
from bucketlift.tabular.records import Blank, Framed, Record


@dataclass(kw_only=True)
class Repeats:
    """Directly below the header (nothing but blank lines and other repeats between), only the repeat is a
    reject. Below a record it begins a second table, of which nobody said that it is to be loaded: it and all
    records below are rejects. Where files were joined, a byte order mark may stand before the repeat.
    """

    names: Sequence[str]
    """The header's, folded."""
    data: Bytes
    marked: bytes = b""
    """The header's first line behind a byte order mark, where that makes its first quote illegal."""
    records: bool = False
    """Whether anything but blank lines and repeats was met."""
    second: bool = False
    """Whether a second table has begun."""
    first_bytes: frozenset[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.first_bytes = _first_bytes(self.names[0][:1])

    @staticmethod
    def of(header: Header, data: Bytes) -> Repeats:
        line = data[header.offset : header.end].split(LF)[0].removesuffix(CR)
        return Repeats(names=[fold(name) for name in header.names], data=data, marked=line and BOM + line)

    def judged(self, each: Framed) -> Framed:
        """The next of what was framed, as it is or as a reject."""
        if self.second:
            return self._below(each)
        if isinstance(each, Record) and self.is_one(each.cells):
            self.second = self.records
            return self.reject(each)
        if isinstance(each, Reject) and self.is_marked(each.offset):
            self.second = self.records
            return replace(each, reason=RejectReason.REPEATED_HEADER)
        self.records = self.records or not _is_blank(each)
        return each

    def is_one(self, cells: list[bytes]) -> bool:
        """Whether these cells, as many as the header's, are its names once more."""
        if cells[0][:1] not in self.first_bytes:
            return False
        plain = [cells[0].removeprefix(BOM), *cells[1:]]
        return all(fold(cell.decode("utf-8")) == name for cell, name in zip(plain, self.names, strict=True))

    def is_marked(self, at: int) -> bool:
        """Whether the header's own line stands here behind a byte order mark."""
        end = at + len(self.marked)
        return end > at and self.data[at:end] == self.marked and self.data[end : end + 1] in (CR, LF, b"")

    def reject(self, record: Record, reason: RejectReason = RejectReason.REPEATED_HEADER) -> Reject:
        raw = self.data[record.offset : record.end]
        return Reject(line=record.line, offset=record.offset, raw=raw, reason=reason)

    def _below(self, each: Framed) -> Framed:
        match each:
            case Record():
                return self.reject(each, RejectReason.BELOW_SECOND_HEADER)
            case Reject():
                return replace(each, reason=RejectReason.BELOW_SECOND_HEADER)
            case _:
                return each


def refuse_second_headers(framed: Iterable[Framed], header: Header, data: Bytes) -> Iterator[Framed]:
    """What was framed, with the records that repeat the header, and those below a second one, as rejects."""
    return map(Repeats.of(header, data).judged, framed)


def _is_blank(each: Framed) -> bool:
    """In a file of one column a blank line is a reject, and still says nothing of where a table begins."""
    return isinstance(each, Blank) or (isinstance(each, Reject) and each.reason is RejectReason.BLANK_LINE)


@lru_cache(maxsize=64)
def _first_bytes(letter: str) -> frozenset[bytes]:
    """What a cell may begin with that folds to a name with this letter: most rows are told apart by that alone."""
    beginnings = frozenset(
        bytes([byte])
        for byte in range(256)
        if byte >= 0x80 or chr(byte).isspace() or chr(byte).casefold() == letter
    )
    return beginnings if letter else beginnings | {b""}
