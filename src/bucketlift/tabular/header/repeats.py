"""Finds records that repeat the header: by mistake directly below it, or at the start of a second table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bucketlift.model.contract import Policy
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, FORM_FEED, LF, strip_boms
from bucketlift.tabular.csv.records import Blank, Framed, LeftOut, Record, Skipped
from bucketlift.tabular.header.header import Header, fold


@dataclass(kw_only=True)
class Repeats:
    """Applies the contract's policy for repeats of the header.

    A repeat directly below the header (with only blank lines and other repeats between) is a reject. A repeat
    below a record starts a second table. The task reads only the first table, so the repeat and all records
    below it are rejects. A header with its names in another order is treated in the same way, at any place
    and under any policy. A form feed before a record makes the record a reject.

    The policy SKIP leaves out each repeat, each line of only form feeds, and form feeds before a record.
    """

    names: Sequence[str]
    """The header's names in the form in which names are compared."""
    data: Bytes
    policy: Policy = Policy.HOLD
    records: bool = False
    """Whether anything except blank lines and repeats was found below the header."""
    second: bool = False
    """Whether a second table has started, at a repeat of the header below a record."""
    first_bytes: frozenset[bytes] = field(init=False)
    any_first_bytes: frozenset[bytes] = field(init=False)
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.first_bytes = _first_bytes(self.names[0][:1])
        self.known = frozenset(self.names)
        self.any_first_bytes = frozenset[bytes]().union(*(_first_bytes(name[:1]) for name in self.known))

    @staticmethod
    def of(header: Header, data: Bytes, policy: Policy = Policy.HOLD) -> Repeats:
        return Repeats(names=[fold(name) for name in header.names], data=data, policy=policy)

    @property
    def skips(self) -> bool:
        return self.policy is Policy.SKIP

    def apply(self, each: Framed) -> Framed:
        """Apply the policy to the next record. Returns it unchanged, as a reject, or as left out."""
        if self.second:
            return self._below(each)
        if isinstance(each, Record) and self.is_reordered(each.cells):
            # Values below it would be in the wrong columns, whatever the policy.
            self.second = True
            return self.reject(each)
        if isinstance(each, Record) and self.is_one(each.cells):
            if self.skips:
                return Skipped(each.line, each.offset, each.end, LeftOut.REPEATED_HEADER)
            self.second = self.records
            return self.reject(each)
        self.records = self.records or not _is_blank(each)
        return self._follows_page_break(each)

    def _follows_page_break(self, each: Framed) -> Framed:
        if isinstance(each, Record) and each.cells[0][:1] == FORM_FEED and not self._is_quoted(each):
            first = each.cells[0].lstrip(FORM_FEED)
            if not self.skips:
                return self.reject(each, RejectReason.PAGE_BREAK)
            if first or len(each.cells) > 1:
                return each._replace(cells=[first, *each.cells[1:]])
            return Skipped(each.line, each.offset, each.end, LeftOut.PAGE_BREAK)
        if isinstance(each, Reject) and each.reason is RejectReason.WIDTH and is_page_break(each.raw):
            if not self.skips:
                return replace(each, reason=RejectReason.PAGE_BREAK)
            return Skipped(each.line, each.offset, each.offset + len(each.raw), LeftOut.PAGE_BREAK)
        return each

    def _is_quoted(self, record: Record) -> bool:
        """Whether the form feed is in quotes. If so, it belongs to the cell and is no page break."""
        return strip_boms(self.data[record.offset : record.end])[:1] != FORM_FEED

    def is_one(self, cells: list[bytes]) -> bool:
        """Whether these cells are the names in the header. There must be as many cells as names."""
        if cells[0][:1] not in self.first_bytes:
            return False
        return all(fold(cell.decode("utf-8")) == name for cell, name in zip(cells, self.names, strict=True))

    def is_reordered(self, cells: list[bytes]) -> bool:
        """Whether these cells are the header's names in another order."""
        if cells[0][:1] not in self.any_first_bytes or fold(cells[0].decode("utf-8")) not in self.known:
            return False
        names = [fold(cell.decode("utf-8")) for cell in cells]
        return names != list(self.names) and sorted(names) == sorted(self.names)

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


def is_page_break(line: bytes) -> bool:
    """Whether a line has only form feeds."""
    text = strip_boms(line)
    return text[:1] == FORM_FEED and not text.strip(FORM_FEED + CR + LF)


def _is_blank(each: Framed) -> bool:
    """Whether this is a blank line. In a file of one column it is a reject, but it is never a record of a
    table.
    """
    return isinstance(each, Blank) or (isinstance(each, Reject) and each.reason is RejectReason.BLANK_LINE)


@lru_cache(maxsize=64)
def _first_bytes(letter: str) -> frozenset[bytes]:
    """The first bytes of cells that may equal a name that starts with this letter, in upper or lower case.
    Most rows are excluded quickly by them.
    """
    beginnings = frozenset(
        bytes([byte])
        for byte in range(256)
        if byte >= 0x80 or chr(byte).isspace() or chr(byte).casefold() == letter
    )
    return beginnings if letter else beginnings | {b""}
