"""The records of a block that quotes and line ends alone make rejects or blank lines, taken out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.cutting import Cut, Stretch
from bucketlift.tabular.escapes import content
from bucketlift.tabular.header import BOM
from bucketlift.tabular.lookalikes import lookalikes
from bucketlift.tabular.marks import CR, LF, NUL, Marks
from bucketlift.tabular.octets import NOWHERE, Places, places_of
from bucketlift.tabular.records import Record, Whole, whole_record
from bucketlift.tabular.repeats import Repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records of legal quotes, of whatever width; places are those of the file."""

    text: bytes | memoryview
    """Nothing but these records and blank lines."""
    begins: Places
    ends: Places
    lines: Places
    rejects: list[Reject]
    """What else there was between the first byte and the last, in order."""
    blank_lines: int
    lf: bool
    """Whether a record ended with LF alone."""
    crlf: bool


class Sieve:
    """One block's legal records, by number, and what each of them comes to."""

    def __init__(self, raw: bytes, begin: int, cut: Cut, stretches: Sequence[Stretch], marks: Marks) -> None:
        self._raw = raw
        self._begin = begin
        self._cut = cut
        self._marks = marks
        self._begins = np.concatenate([NOWHERE, *(each.begins for each in stretches)])
        self._ends = np.concatenate([NOWHERE, *(each.ends for each in stretches)])
        self._lines = np.concatenate([NOWHERE, *(each.lines for each in stretches)])
        self._blank = self._find_blank()
        self._out: dict[int, RejectReason] = {}

    def sift(self, repeats: Repeats, between: list[Reject]) -> tuple[Block, tuple[int, int] | None]:
        """The block, and the byte and line of the record that begins a second table; the block ends before it.

        ``between`` are the rejects that stand between the stretches.
        """
        width = len(repeats.names)
        if width == 1:
            self._out.update(dict.fromkeys(self._blank.tolist(), RejectReason.BLANK_LINE))
        for number in self._with_lone_cr():
            self._out[number] = RejectReason.LONE_CR
        for number in self._owners(self._places(NUL)):
            self._out[number] = RejectReason.NUL
        second = self._second_header(repeats, between)
        if second is not None:
            place = (self._begin + int(self._begins[second]), int(self._lines[second]))
            self._keep_before(second)
            return self._block([each for each in between if each.offset < place[0]], width), place
        return self._block(between, width), None

    def _find_blank(self) -> Places:
        sizes = self._ends - self._begins
        short: Places = np.flatnonzero(sizes <= 2)
        first = self._cut.octets[self._begins[short]]
        blank: Places = short[(sizes[short] == 1) | (first == CR[0])]
        return blank

    def _places(self, mark: bytes) -> Places:
        return places_of(self._cut.octets, mark) if mark in self._raw else NOWHERE

    def _owners(self, places: Places) -> list[int]:
        """The records in which these bytes stand."""
        numbers = np.searchsorted(self._begins, places, side="right") - 1
        within = (numbers >= 0) & (places < self._ends[numbers]) if len(self._ends) else numbers >= 0
        return np.unique(numbers[within]).tolist()  # type: ignore[no-any-return]

    def _with_lone_cr(self) -> list[int]:
        """Those with a CR outside quotes that no LF follows."""
        places = self._places(CR)
        octets = self._cut.octets
        lone = places[octets[np.minimum(places + 1, len(octets) - 1)] != LF[0]]
        quotes = self._cut.quotes.places
        if len(quotes) and len(lone) and len(self._begins):
            numbers = np.searchsorted(self._begins, lone, side="right") - 1
            before = np.searchsorted(quotes, lone) - np.searchsorted(quotes, self._begins[numbers])
            lone = lone[before % 2 == 0]
        return self._owners(lone)

    def _second_header(self, repeats: Repeats, between: list[Reject]) -> int | None:
        """Take out repeats of the header up to the one that stands below a record."""
        found = 0
        first_reject = between[0].offset - self._begin if between else len(self._raw)
        for number, record in self._repeats(repeats):
            records = number - int(np.searchsorted(self._blank, number)) - found
            repeats.records = repeats.records or records > 0 or first_reject < record.offset
            if repeats.records:
                return number
            self._out[number] = RejectReason.REPEATED_HEADER
            found += 1
        records = len(self._begins) - len(self._blank) - found
        repeats.records = repeats.records or records > 0 or bool(between)
        return None

    def _repeats(self, repeats: Repeats) -> Iterator[tuple[int, Record]]:
        for number in lookalikes(self._cut.octets, self._begins, self._marks, repeats.names[0]).tolist():
            if number in self._out:
                continue
            begin, end = int(self._begins[number]), int(self._ends[number])
            whole = whole_record(self._raw, self._marks, begin, len(repeats.names), end - begin)
            if (
                isinstance(whole, Whole)
                and whole.width == len(repeats.names)
                and repeats.is_one(self._contents(whole.cells))
            ):
                yield number, Record(int(self._lines[number]), begin, end, whole.cells)

    def _contents(self, cells: list[bytes]) -> list[bytes]:
        return [content(cell, self._marks) for cell in cells]

    def _keep_before(self, number: int) -> None:
        self._begins, self._ends, self._lines = (
            each[:number] for each in (self._begins, self._ends, self._lines)
        )
        self._blank = self._blank[self._blank < number]
        self._out = {each: reason for each, reason in self._out.items() if each < number}

    def _block(self, between: list[Reject], width: int) -> Block:
        crlf = self._ended_by_crlf()
        kept = np.delete(np.arange(len(self._begins)), sorted(self._out))
        rows = (
            kept
            if width == 1
            else np.delete(np.arange(len(self._begins)), [*self._out, *self._blank.tolist()])
        )
        return Block(
            text=self._text(kept),
            begins=self._begins[rows] + self._begin,
            ends=self._ends[rows] + self._begin,
            lines=self._lines[rows],
            rejects=sorted([*between, *self._rejects()], key=lambda each: each.offset),
            blank_lines=0 if width == 1 else len(self._blank),
            crlf=crlf > 0,
            lf=crlf < len(self._begins),
        )

    def _ended_by_crlf(self) -> int:
        if CR not in self._raw:
            return 0
        before_lf = self._cut.octets[np.maximum(self._ends - 2, self._begins)]
        return int(np.count_nonzero(before_lf == CR[0]))

    def _rejects(self) -> Iterator[Reject]:
        for number, reason in self._out.items():
            begin, end = int(self._begins[number]), int(self._ends[number])
            yield Reject(
                line=int(self._lines[number]),
                offset=self._begin + begin,
                raw=self._raw[begin:end],
                reason=reason,
            )

    def _text(self, kept: Places) -> bytes | memoryview:
        """The bytes of these records, copied only where they do not lie side by side."""
        if not len(kept):
            return b""
        begins, ends = self._begins[kept], self._ends[kept]
        gaps = np.flatnonzero(begins[1:] != ends[:-1])
        runs = zip(begins[[0, *(gaps + 1)]].tolist(), ends[[*gaps, -1]].tolist(), strict=True)
        view = memoryview(self._raw)
        parts: list[bytes | memoryview] = [view[begin:end] for begin, end in runs]
        if bytes(parts[0][: len(BOM)]) == BOM:
            # The parser would take it for the mark of a file; a blank line before it is skipped.
            parts.insert(0, LF)
        return parts[0] if len(parts) == 1 else b"".join(parts)
