"""Rows on their way from a file to a destination."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bucketlift.model.hold import Hold, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE_LINE = "_source_line"
"""The name of the column with the physical line (from 1) on which a row's record starts. Staged rows have it,
and the lineage of a table.
"""
LOAD_ID = "_load_id"
"""The name of the lineage column with the ID of the load that wrote the row."""


class RejectReason(StrEnum):
    """Why a record could not become a row. A reason never contains the content of a cell."""

    WIDTH = "wrong-width"
    BARE_QUOTE = "bare-quote"
    UNTERMINATED_QUOTE = "unterminated-quote"
    INSIDE_BROKEN_RECORD = "inside-broken-record"
    LONE_CR = "lone-cr"
    OTHER_LINE_END = "other-line-end"
    """Outside quotes, there is a line end that is not the task's ``line_end``."""
    NUL = "nul"
    BLANK_LINE = "blank-line"
    BAD_ESCAPE = "bad-escape"
    UNNAMED_CELL = "unnamed-cell"
    EMPTY_ROW = "empty-row"
    """The record has several cells, and all of them are empty or blank."""
    TRAILING_CONTROLS = "trailing-controls"
    """There are control characters at the end of the file, such as Ctrl-Z or a form feed."""
    PAGE_BREAK = "page-break"
    """There is a form feed before the record."""
    REPEATED_HEADER = "repeated-header"
    BELOW_SECOND_HEADER = "below-second-header"
    TOO_LONG = "too-long"
    KEY_TWICE = "key-twice"
    KEY_EMPTY = "key-empty"
    AMBIGUOUS = "ambiguous"
    """By the same merge rule, the row matches two contacts."""
    NO_MERGE_FIELD = "no-merge-field"
    """In each merge rule, at least one field has no value in the row."""
    REQUIRED_EMPTY = "required-empty"
    """A field that every employee must have is empty."""
    VALUE_TOO_LONG = "value-too-long"
    """A value has more than 1,024 characters, which is the directory's limit."""
    NOT_AN_INTEGER = "not-an-integer"
    NOT_A_DECIMAL = "not-a-decimal"
    NOT_A_DATE = "not-a-date"
    NOT_A_TIMESTAMP = "not-a-timestamp"
    NOT_A_BOOLEAN = "not-a-boolean"
    OUT_OF_RANGE = "out-of-range"
    TOO_PRECISE = "too-precise"
    """The value has more decimal places than the field's type stores, and the additional digits are not all
    0. Values are never rounded.
    """
    NO_SUCH_TIME = "no-such-time"
    """In the field's zone the clock was put forward and skipped this time, or the zone name in the value was
    not in use at this time.
    """
    AMBIGUOUS_TIME = "ambiguous-time"
    """In the field's zone this time occurred twice, because the clock was put back."""
    REQUIRED = "required"
    """A transform requires a value in this field, but the value is null or empty."""
    NO_SUCH_PART = "no-such-part"
    """A transform splits the text, and the text does not have the requested part."""
    PAST_THE_END = "past-the-end"
    """A transform takes a part of the text, but the text ends before this part."""
    REFUSED_BY_DESTINATION = "refused-by-destination"
    """The destination refused this row of a delivery, although it took other rows. Other loads have the row."""
    UNMAPPED_VALUE = "unmapped-value"
    """A transform replaces values by a value map that does not contain this value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record that could not become a row, with its exact bytes; the bytes include the line end."""

    line: int
    """Physical line (from 1) on which the record starts; a physical line ends at LF."""
    offset: int
    """Position of the record's first byte (from 0) in the file before any transcoding. A byte order mark
    counts.
    """
    raw: bytes
    reason: RejectReason
    field: str | None = None
    """The field whose value was rejected. If a transform rejected the record, this text also names the task
    and the step.
    """
    load_task: str | None = None
    """The load task whose destination refused the row. None if the row was rejected when the file was read,
    so that no load has the row.
    """
    message: str | None = None
    """The message of the destination that refused the row."""
    mended_in: int | None = None
    """The number of the replay in which the loads took the row; None if a load does not have it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A staged row that its destination refuses."""

    line: int
    reason: RejectReason
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of reading one file exactly. ``rows`` and ``rejected`` together are all records of the file.

    If ``hold`` is set, the whole file is refused and its staged rows must not be loaded. The counts then
    cover all records that could be delimited (0 if the header already failed).
    """

    rows: int = 0
    rejected: int = 0
    blank_lines: int = 0
    notes: tuple[str, ...] = ()
    """Accepted differences from the contract; empty if the file matches exactly."""
    hold: Hold | None = None
    verdict: Verdict | None = None
    """How the file's header matches the contract; None if the header could not be read, or if there are
    several headers.
    """


@dataclass(kw_only=True)
class RowStream:
    """Arrow record batches with a schema, which can be read only once.

    If a Python generator of batches raises an exception while native code reads it, the exception becomes a
    foreign error. So the stream keeps the original exception in ``error``.
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
