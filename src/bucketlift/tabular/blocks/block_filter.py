"""Removes from a block the records that are rejects, and the records that are left out, both decided by their
bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bucketlift.model.contract import Policy
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.arrow.reject_columns import NO_FIELD, NO_REJECTS, RejectColumns
from bucketlift.tabular.blocks.cutting import Cut, Stretch
from bucketlift.tabular.blocks.lookalikes import lookalikes
from bucketlift.tabular.bytes.byte_index import NO_POSITIONS, ByteArray, Flags, Positions, positions_of
from bucketlift.tabular.bytes.marks import BOM, CR, FORM_FEED, LF, NUL, Marks
from bucketlift.tabular.csv.empty_rows import EmptyRows, empty_records
from bucketlift.tabular.csv.records import Broken, LeftOut, Whole, whole_record
from bucketlift.tabular.decode.escapes import content
from bucketlift.tabular.header.repeats import Repeats, is_page_break
from bucketlift.tabular.types.reason_codes import NO_REASON, code_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records with valid quotes, and with any number of cells. ``begins`` and ``ends`` are offsets in the
    file.
    """

    text: bytes | memoryview
    """The bytes of the block's records, and of the blank lines between them."""
    begins: Positions
    ends: Positions
    lines: Positions
    rejects: RejectColumns
    """The rejects between the first byte and the last byte of the block, in order."""
    blank_lines: int
    left_out: Counter[str]
    byte_order_marks: int
    lf: bool
    """Whether at least one record ended with LF alone, without CR."""
    crlf: bool

    @staticmethod
    def of_blank_lines(count: int, *, lf: bool, crlf: bool) -> Block:
        return Block(
            text=b"",
            begins=NO_POSITIONS,
            ends=NO_POSITIONS,
            lines=NO_POSITIONS,
            rejects=NO_REJECTS,
            blank_lines=count,
            left_out=Counter(),
            byte_order_marks=0,
            lf=lf,
            crlf=crlf,
        )


class BlockFilter:
    """Decides for each record of a block whether it is a row or a reject, or is left out. Records are
    numbered from 0.
    """

    def __init__(self, raw: bytes, begin: int, cut: Cut, stretches: Sequence[Stretch], marks: Marks) -> None:
        self._raw = raw
        self._begin = begin
        self._cut = cut
        self._marks = marks
        self._begins = np.concatenate([NO_POSITIONS, *(each.begins for each in stretches)])
        self._ends = np.concatenate([NO_POSITIONS, *(each.ends for each in stretches)])
        self._lines = np.concatenate([NO_POSITIONS, *(each.lines for each in stretches)])
        self._texts = self._after_boms()
        self._marked = (self._texts - self._begins) // len(BOM)
        self._blank = self._find_blank()
        self._no_record = self._blank
        """Blank lines, also those that count as rejects."""
        self._gone: Flags = self._blank.copy()
        """For each record, whether it is neither a row nor a reject."""
        self._left_out = Counter[str]()
        self._out: ByteArray = np.full(len(self._begins), NO_REASON, np.uint8)
        """For each record, the code of the reason why it is a reject."""

    def apply(
        self, repeats: Repeats, empty_rows: EmptyRows, between: list[Reject]
    ) -> tuple[Block, tuple[int, int] | None]:
        """Apply all rules. Returns the block, and the offset and line of the record that starts a second
        table. The block ends before this record.

        ``between`` are the rejects between the stretches of whole records.
        """
        width = len(repeats.names)
        if width == 1:
            self._blank_lines_of_one_column(empty_rows)
        self._reject(self._with_lone_cr(), RejectReason.LONE_CR)
        self._reject(self._owners(self._positions(NUL)), RejectReason.NUL)
        second = self._second_header(repeats, between)
        place = None
        if second is not None:
            place = (self._begin + int(self._begins[second]), int(self._lines[second]))
            self._keep_before(second)
            between = [each for each in between if each.offset < place[0]]
        self._page_breaks(repeats)
        if width > 1:
            self._empty_rows(empty_rows)
        return self._block(between), place

    def _after_boms(self) -> Positions:
        """The offset of each record's text, after its byte order marks."""
        texts, last = self._begins.copy(), len(self._cut.byte_array) - 1
        left = np.arange(len(texts))
        while len(left):
            byte_array = self._cut.byte_array
            at = texts[left]
            left = left[byte_array[at] == BOM[0]]
            at = texts[left]
            left = left[
                (byte_array[np.minimum(at + 1, last)] == BOM[1])
                & (byte_array[np.minimum(at + 2, last)] == BOM[2])
            ]
            left = left[texts[left] + len(BOM) <= self._ends[left]]
            texts[left] += len(BOM)
        return texts

    def _find_blank(self) -> Flags:
        sizes = self._ends - self._texts
        blank: Flags = sizes == 0
        short = np.flatnonzero(sizes <= 2)
        short = short[sizes[short] > 0]
        first = self._cut.byte_array[self._texts[short]]
        blank[short] = (first == LF[0]) | ((sizes[short] == 2) & (first == CR[0]))
        return blank

    def _blank_lines_of_one_column(self, empty_rows: EmptyRows) -> None:
        blank = np.flatnonzero(self._blank)
        if empty_rows.policy is Policy.SKIP:
            self._left_out[LeftOut.EMPTY_ROW] += len(blank)
        else:
            self._gone[blank] = False
            self._reject(blank, RejectReason.BLANK_LINE)
        self._blank = np.zeros(len(self._begins), np.bool_)

    @property
    def _open(self) -> Flags:
        """For each record, whether it may still become a row."""
        found: Flags = (self._out == NO_REASON) & ~self._gone
        return found

    def _reject(self, numbers: Positions | int, reason: RejectReason) -> None:
        self._out[numbers] = code_of(reason)

    def _positions(self, mark: bytes) -> Positions:
        return positions_of(self._cut.byte_array, mark) if mark in self._raw else NO_POSITIONS

    def _owners(self, positions: Positions) -> Positions:
        """The numbers of the records that contain these bytes. The number of a record may occur several
        times.
        """
        numbers = np.searchsorted(self._begins, positions, side="right") - 1
        within = (numbers >= 0) & (positions < self._ends[numbers]) if len(self._ends) else numbers >= 0
        found: Positions = numbers[within]
        return found

    def _with_lone_cr(self) -> Positions:
        """The numbers of records with a CR outside quotes that is not followed by LF."""
        positions = self._positions(CR)
        byte_array = self._cut.byte_array
        lone = positions[byte_array[np.minimum(positions + 1, len(byte_array) - 1)] != LF[0]]
        quotes = self._cut.quotes.positions
        if len(quotes) and len(lone) and len(self._begins):
            numbers = np.searchsorted(self._begins, lone, side="right") - 1
            before = np.searchsorted(quotes, lone) - np.searchsorted(quotes, self._begins[numbers])
            lone = lone[before % 2 == 0]
        return self._owners(lone)

    def _second_header(self, repeats: Repeats, between: list[Reject]) -> int | None:
        """Take repeats of the header out of the block. Returns the number of the record at which a second table
        starts; None if there is none.

        A second table starts at a repeat with the names in another order. Unless the policy skips repeats, it
        also starts at a repeat below a record.
        """
        found, records_before = 0, np.cumsum(~self._no_record)
        first_reject = between[0].offset - self._begin if between else len(self._raw)
        for number, same_order in self._repeats(repeats):
            if not same_order:
                return number
            if repeats.skips:
                self._leave_out(number, LeftOut.REPEATED_HEADER)
                continue
            records = int(records_before[number]) - 1 - found
            repeats.records = repeats.records or records > 0 or first_reject < self._texts[number]
            if repeats.records:
                return number
            self._reject(number, RejectReason.REPEATED_HEADER)
            found += 1
        records = len(self._begins) - int(np.count_nonzero(self._no_record)) - found
        repeats.records = repeats.records or records > 0 or bool(between)
        return None

    def _leave_out(self, number: int, what: LeftOut) -> None:
        self._gone[number] = True
        self._left_out[what] += 1

    def _repeats(self, repeats: Repeats) -> Iterator[tuple[int, bool]]:
        """Yield the number of each record that repeats the header, and whether the names are in the header's
        order.
        """
        known = dict[bytes, bool | None]()
        for number in lookalikes(self._cut.byte_array, self._texts, self._marks, repeats.known).tolist():
            if self._out[number] or self._gone[number]:
                continue
            text = self._raw[int(self._texts[number]) : int(self._ends[number])]
            if text not in known:
                known[text] = self._same_order(text, repeats)
            if (same := known[text]) is not None:
                yield number, same

    def _same_order(self, text: bytes, repeats: Repeats) -> bool | None:
        """Whether a record has the header's names in the header's order; None if a name is missing."""
        whole = whole_record(text, self._marks, 0, len(repeats.names), len(text))
        if isinstance(whole, Broken) or whole.width != len(repeats.names):
            return None
        cells = [content(cell, self._marks) for cell in whole.cells]
        if repeats.is_reordered(cells):
            return False
        return True if repeats.is_one(cells) else None

    def _page_breaks(self, repeats: Repeats) -> None:
        """Reject records that start with a form feed. If repeats of the header are skipped, only the form
        feed is removed.
        """
        if FORM_FEED not in self._raw or not len(self._texts):
            return
        behind = np.flatnonzero((self._cut.byte_array[self._texts] == FORM_FEED[0]) & self._open)
        known = dict[bytes, RejectReason]()
        for number in behind.tolist():
            line = self._raw[int(self._texts[number]) : int(self._ends[number])]
            if not repeats.skips:
                if line not in known:
                    known[line] = self._page_break_of(line, repeats)
                self._reject(number, known[line])
            elif is_page_break(line):
                self._leave_out(number, LeftOut.PAGE_BREAK)
            else:
                self._texts[number] += len(line) - len(line.lstrip(FORM_FEED))

    def _page_break_of(self, line: bytes, repeats: Repeats) -> RejectReason:
        whole = whole_record(line, self._marks, 0, len(repeats.names), len(line))
        as_wide = isinstance(whole, Whole) and whole.width == len(repeats.names)
        return RejectReason.PAGE_BREAK if as_wide or is_page_break(line) else RejectReason.WIDTH

    def _empty_rows(self, empty_rows: EmptyRows) -> None:
        found = empty_records(
            self._raw,
            self._cut.byte_array,
            self._texts,
            self._ends,
            self._open,
            self._marks,
            empty_rows.width,
        )
        match empty_rows.policy:
            case Policy.SKIP:
                self._gone[found.any_width] = True
                self._left_out[LeftOut.EMPTY_ROW] += len(found.any_width)
            case Policy.KEEP:
                empty_rows.kept += len(found.of_width)
            case _:
                self._reject(found.any_width, RejectReason.EMPTY_ROW)

    def _keep_before(self, number: int) -> None:
        self._begins, self._ends, self._lines, self._texts = (
            each[:number] for each in (self._begins, self._ends, self._lines, self._texts)
        )
        self._blank, self._gone = self._blank[:number], self._gone[:number]
        repeated = self._left_out[LeftOut.REPEATED_HEADER]
        empty = int(np.count_nonzero(self._gone & ~self._blank)) - repeated
        self._left_out = +Counter[str]({LeftOut.EMPTY_ROW: empty, LeftOut.REPEATED_HEADER: repeated})
        self._marked, self._out = self._marked[:number], self._out[:number]

    def _block(self, between: list[Reject]) -> Block:
        crlf = self._ended_by_crlf()
        kept = np.flatnonzero(self._open)
        return Block(
            text=self._text(kept),
            begins=self._begins[kept] + self._begin,
            ends=self._ends[kept] + self._begin,
            lines=self._lines[kept],
            rejects=RejectColumns.joined(RejectColumns.of(between), self._rejects()),
            blank_lines=int(np.count_nonzero(self._blank)),
            left_out=self._left_out,
            byte_order_marks=int(np.sum(self._marked[kept])),
            crlf=crlf > 0,
            lf=crlf < len(self._begins),
        )

    def _ended_by_crlf(self) -> int:
        if CR not in self._raw:
            return 0
        before_lf = self._cut.byte_array[np.maximum(self._ends - 2, self._begins)]
        return int(np.count_nonzero(before_lf == CR[0]))

    def _rejects(self) -> RejectColumns:
        numbers = np.flatnonzero(self._out)
        return RejectColumns(
            self._begins[numbers] + self._begin,
            self._ends[numbers] + self._begin,
            self._lines[numbers],
            self._out[numbers],
            np.full(len(numbers), NO_FIELD, np.int32),
        )

    def _text(self, kept: Positions) -> bytes | memoryview:
        """The bytes of these records. They are copied only if they are not contiguous."""
        if not len(kept):
            return b""
        begins, ends = self._texts[kept], self._ends[kept]
        gaps = np.flatnonzero(begins[1:] != ends[:-1])
        runs = zip(begins[[0, *(gaps + 1)]].tolist(), ends[[*gaps, -1]].tolist(), strict=True)
        view = memoryview(self._raw)
        parts: list[bytes | memoryview] = [view[begin:end] for begin, end in runs]
        return parts[0] if len(parts) == 1 else b"".join(parts)
