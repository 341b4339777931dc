"""Records without content: rows that consist of delimiters only, which spreadsheets write below their data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from bucketlift.model.contract import Policy
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.byte_index import NO_POSITIONS, ByteArray, Flags, Positions
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, FORM_FEED, LF, Marks, strip_boms
from bucketlift.tabular.csv.records import Framed, LeftOut, Record, Skipped, Whole, whole_record

BLANKS = b" \t"
"""The characters of a blank cell. A cell with no other characters counts as empty."""


@dataclass(kw_only=True)
class EmptyRows:
    """Applies the policy ``empty_rows`` of the contract to records.

    A record with any number of cells is empty if each of its cells is empty or blank. In a file of one
    column, a blank line is the empty row, and a cell of blanks is a value.
    """

    policy: Policy
    marks: Marks
    width: int
    data: Bytes
    after_page_breaks: bool = False
    """Whether form feeds before a record are left out."""
    kept: int = 0
    """Number of empty rows that were loaded."""

    def apply(self, each: Framed) -> Framed:
        if not self._is_empty(each):
            return each
        match self.policy, each:
            case Policy.SKIP, Record() | Reject():
                end = each.end if isinstance(each, Record) else each.offset + len(each.raw)
                return Skipped(each.line, each.offset, end, LeftOut.EMPTY_ROW)
            case Policy.KEEP, Record():
                self.kept += 1
                return each
            case Policy.KEEP, Reject(reason=RejectReason.BLANK_LINE):
                self.kept += 1
                return Record(each.line, each.offset, each.offset + len(each.raw), [b""])
            case Policy.HOLD, Record():
                raw = self.data[each.offset : each.end]
                return Reject(line=each.line, offset=each.offset, raw=raw, reason=RejectReason.EMPTY_ROW)
            case Policy.HOLD, Reject(reason=RejectReason.WIDTH):
                return replace(each, reason=RejectReason.EMPTY_ROW)
            case _:
                return each

    def _is_empty(self, each: Framed) -> bool:
        if isinstance(each, Record):
            return self.width > 1 and not any(cell.strip(BLANKS) for cell in each.cells)
        if isinstance(each, Reject) and each.reason is RejectReason.WIDTH:
            text = strip_boms(each.raw)
            text = text.lstrip(FORM_FEED) if self.after_page_breaks else text
            return self.width > 1 and not text.strip(_nothing(self.marks) + CR + LF)
        return isinstance(each, Reject) and each.reason is RejectReason.BLANK_LINE


def _nothing(marks: Marks) -> bytes:
    """The delimiter and the blanks: an empty record without quotes has no other bytes."""
    return BLANKS.replace(marks.quote or b"\n", b"") + marks.delimiter


class Found(NamedTuple):
    """The numbers of the empty records. ``any_width`` has all of them, ``of_width`` only those with as many
    cells as the table.
    """

    any_width: Positions
    of_width: Positions


def empty_records(
    raw: bytes,
    byte_array: ByteArray,
    begins: Positions,
    ends: Positions,
    among: Flags,
    marks: Marks,
    width: int,
) -> Found:
    """Find the empty records among many valid records of several columns, by the same rule as ``EmptyRows``."""
    bare = np.zeros(256, np.bool_)
    bare[list(_nothing(marks))] = True
    quote = marks.quote or b""
    first = bare.copy()
    first[list(quote)] = True
    candidates = np.flatnonzero(among)
    candidates = candidates[first[byte_array[begins[candidates]]]]
    if not len(candidates):
        return Found(NO_POSITIONS, NO_POSITIONS)
    bare[list(CR + LF)] = True
    is_bare = _consist_of(byte_array, begins[candidates], ends[candidates], bare)
    unquoted, quoted = candidates[is_bare], candidates[~is_bare]
    of_width = unquoted[_delimiters(byte_array, begins[unquoted], ends[unquoted], marks) == width - 1]
    bare[list(quote)] = True
    quoted = quoted[_consist_of(byte_array, begins[quoted], ends[quoted], bare)]
    cells = [
        number
        for number, whole in zip(
            quoted.tolist(), _framed(raw, begins[quoted], ends[quoted], marks, width), strict=True
        )
        if whole
    ]
    found = np.array(cells, np.intp)
    return Found(np.sort(np.concatenate([unquoted, found])), np.sort(np.concatenate([of_width, found])))


def _consist_of(byte_array: ByteArray, begins: Positions, ends: Positions, of: Flags) -> Flags:
    """For each range of bytes, whether it contains only the bytes ``of``."""
    if not len(begins):
        return np.zeros(0, np.bool_)
    others = np.append(~of[byte_array], False)
    stretches = np.stack((begins, ends), axis=1).ravel()
    held: Flags = np.logical_or.reduceat(others, stretches)[::2]
    return ~held


def _delimiters(byte_array: ByteArray, begins: Positions, ends: Positions, marks: Marks) -> Positions:
    positions = np.flatnonzero(byte_array == marks.delimiter[0])
    found: Positions = np.searchsorted(positions, ends) - np.searchsorted(positions, begins)
    return found


def _framed(raw: bytes, begins: Positions, ends: Positions, marks: Marks, width: int) -> Iterator[bool]:
    """For each record with quotes, whether it is empty. Equal texts are read only once."""
    known: dict[bytes, bool] = {}
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        text = raw[begin:end]
        if text not in known:
            whole = whole_record(text, marks, 0, width, len(text))
            is_whole = isinstance(whole, Whole) and whole.width == width
            known[text] = is_whole and not any(cell.strip(BLANKS) for cell in whole.cells)  # type: ignore[union-attr]
        yield known[text]
