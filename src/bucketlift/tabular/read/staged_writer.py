"""Writes records and rejects to the two staged files."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np

from bucketlift.model.rows import Reject
from bucketlift.tabular.arrow.staging import BATCH_BYTES, BATCH_ROWS, Misfit, RejectsWriter, RowsWriter
from bucketlift.tabular.blocks.parsing import Parsed
from bucketlift.tabular.bytes.mapped import Bytes, forget
from bucketlift.tabular.csv.records import Framed, Record, Skipped

Report = Callable[[int, int], None]
"""A function that is called from time to time with the number of bytes that were read, and the number of rows
in them.
"""


GivesUp = Callable[[int, int, int], bool]
"""A function that receives the numbers of rows and rejects up to a byte. It returns whether the file will
surely be held for its rejects.
"""


def no_report(read: int, rows: int) -> None:
    """Do nothing: the default for ``report``."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """The counts of a file. ``extents`` has two offsets for each row: that of its first byte, and that of the
    byte after it.
    """

    rows: int = 0
    rejects: int = 0
    blank_lines: int = 0
    byte_order_marks: int = 0
    empty_rows_kept: int = 0
    given_up: bool = False
    """Whether reading ended early, because the file has far more rejects than allowed."""
    row_faults: int = 0
    """Number of rows that became rejects after all rows were read, because a transform rejected them or their
    key is invalid.
    """
    mixed: bool = False
    null_in_quotes: int = 0
    """Number of quoted null words that were read as nulls."""
    left_out: Counter[str] = field(default_factory=Counter)
    """For each kind of item that was left out, its number."""
    extents: array[int] = field(default_factory=lambda: array("q"))

    @property
    def records(self) -> int:
        return self.rows + self.rejects

    @property
    def rejected(self) -> int:
        """The number of rejects, including rows that became rejects later."""
        return self.rejects + self.row_faults


@dataclass(kw_only=True)
class StagedWriter:
    """Writes rows and rejects to their files.

    Values are converted one batch at a time, so a record can become a reject after later rejects were found.
    These later rejects wait, because rejects are written in file order.
    """

    data: Bytes
    rows: RowsWriter
    rejects: RejectsWriter
    placed: bool
    give_up: GivesUp
    report: Report = no_report
    tally: Tally = field(default_factory=Tally)
    waiting: list[Reject] = field(default_factory=list)
    waiting_bytes: int = 0

    def all_of(self, pieces: Iterable[Framed | Parsed]) -> Tally:
        for each in pieces:
            if isinstance(each, Parsed):
                self._flush()
                self._block(each)
                full, past = True, each.last
            elif isinstance(each, Record):
                full, past = self.rows.add(each), each.offset
            elif isinstance(each, Reject):
                full, past = self._wait(each), each.offset
            elif isinstance(each, Skipped):
                self.tally.left_out[each.what] += 1
                continue
            else:
                self.tally.blank_lines += 1
                continue
            if full:
                self._flush()
                self._past(past)
                if self.give_up(self.tally.rows, self.tally.rejects, past):
                    self.tally.given_up = True
                    break
        self._flush()
        self.rejects.flush()
        return self.tally

    def _block(self, block: Parsed) -> None:
        for batch in block.batches:
            self.rows.write(batch)
        self.rejects.write(block.rejects, self.data)
        self.tally.rows += len(block.begins)
        self.tally.rejects += len(block.rejects)
        self.tally.blank_lines += block.blank_lines
        self.tally.null_in_quotes += block.null_in_quotes
        self.tally.left_out += block.left_out
        self.tally.byte_order_marks += block.byte_order_marks
        if self.placed:
            self.tally.extents.frombytes(np.stack((block.begins, block.ends), axis=1).astype("q").tobytes())

    def _past(self, offset: int) -> None:
        if not offset:
            return
        forget(self.data, offset)
        self.report(offset, self.tally.rows)

    def _wait(self, reject: Reject) -> bool:
        self.waiting.append(reject)
        self.waiting_bytes += len(reject.raw)
        return self.waiting_bytes >= BATCH_BYTES or len(self.waiting) >= BATCH_ROWS

    def _flush(self) -> None:
        records, misfits = self.rows.flush()
        self.tally.rows += len(records)
        if self.placed:
            for record in records:
                self.tally.extents.extend((record.offset, record.end))
        more = map(self._reject, misfits)
        for reject in heapq.merge(self.waiting, more, key=attrgetter("offset")):
            self.tally.rejects += 1
            self.rejects.add(reject)
        self.waiting, self.waiting_bytes = [], 0

    def _reject(self, misfit: Misfit) -> Reject:
        record = misfit.record
        return Reject(
            line=record.line,
            offset=record.offset,
            raw=self.data[record.offset : record.end],
            reason=misfit.reason,
            field=misfit.field,
        )
