"""Rows on their way from a file to a destination."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bucketlift.model.contract import Hold, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE_LINE = "_source_line"
"""Column of staged rows and of lineage: the physical line (from 1) on which the record begins."""
LOAD_ID = "_load_id"
"""Lineage column: the LoadId that brought the row."""


class RejectReason(StrEnum):
    """Why a record could not become a row. Never holds the content of a cell."""

    WIDTH = "wrong-width"
    BARE_QUOTE = "bare-quote"
    UNTERMINATED_QUOTE = "unterminated-quote"
    INSIDE_BROKEN_RECORD = "inside-broken-record"
    LONE_CR = "lone-cr"
    OTHER_LINE_END = "other-line-end"
    """Outside quotes, a line end that is not the task's ``line_end``."""
    NUL = "nul"
    BLANK_LINE = "blank-line"
    BAD_ESCAPE = "bad-escape"
    UNNAMED_CELL = "unnamed-cell"
    EMPTY_ROW = "empty-row"
    """A record of several cells that are all empty, or hold blanks only."""
    TRAILING_CONTROLS = "trailing-controls"
    """Control characters at the end of the file, such as Ctrl-Z or a form feed."""
    PAGE_BREAK = "page-break"
    """A form feed stands before the record."""
    REPEATED_HEADER = "repeated-header"
    BELOW_SECOND_HEADER = "below-second-header"
    TOO_LONG = "too-long"
    KEY_TWICE = "key-twice"
    KEY_EMPTY = "key-empty"
    NOT_AN_INTEGER = "not-an-integer"
    NOT_A_DECIMAL = "not-a-decimal"
    NOT_A_DATE = "not-a-date"
    NOT_A_TIMESTAMP = "not-a-timestamp"
    NOT_A_BOOLEAN = "not-a-boolean"
    OUT_OF_RANGE = "out-of-range"
    TOO_PRECISE = "too-precise"
    """Digits behind the point, not all of them 0, that the field's type does not keep. Nothing is rounded."""
    NO_SUCH_TIME = "no-such-time"
    """The field's zone skipped it, when its clocks were put forward, or does not use the name beside it then."""
    AMBIGUOUS_TIME = "ambiguous-time"
    """The field's zone had it twice, when its clocks were put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record that could not become a row, with its exact bytes, record end included."""

    line: int
    """Physical line (from 1) on which it begins; a physical line ends at LF."""
    offset: int
    """Byte (from 0) at which it begins, in the file as it was before any transcoding (a BOM counts)."""
    raw: bytes
    reason: RejectReason
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading one file exactly came to. ``rows`` + ``rejected`` = the records of the file.

    Where ``hold`` is set the file is refused as a whole and its staged rows must not be loaded; the counts
    are then those of all records that could be framed (0 where the header already failed).
    """

    rows: int = 0
    rejected: int = 0
    blank_lines: int = 0
    notes: tuple[str, ...] = ()
    """What differs from the contract and was accepted; empty means exact."""
    hold: Hold | None = None
    verdict: Verdict | None = None
    """Where the file has each field; None where its header failed, or there are several headers."""


@dataclass(kw_only=True)
class RowStream:
    """Arrow record batches with a schema, pulled once.

    An exception inside a Python batch generator turns into a foreign error once native code pulls it,
    so the stream remembers its own in ``error``.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    error: Exception | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.batches
        except Exception as error:
            self.error = error
            raise
