"""Finds the table in a file: its header or first record, and the end of its records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bucketlift.model.contract import Contract
from bucketlift.model.hold import Hold
from bucketlift.model.rows import Reject
from bucketlift.tabular.bytes.mapped import Bytes, mapped
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.decode.ending import Ending, find_ending
from bucketlift.tabular.header.beginning import TableStart, find_table_start
from bucketlift.tabular.header.footer import Footer, find_footer
from bucketlift.tabular.hints.dialect_fix import doubtful_escapes, header_fix, with_fix
from bucketlift.tabular.hints.last_lines import hold_for_total
from bucketlift.tabular.hints.record_types import hold_for_record_types
from bucketlift.tabular.read.request import ReadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The table of a file that matches its contract."""

    marks: Marks
    begun: TableStart
    end: int
    """The offset after the last record."""
    ending: Ending | None
    """The control characters at the end of the file; None if there are none."""
    tail: Reject | None
    """The control characters at the end of the file as a reject. None if there are none, or if the dialect
    leaves them out.
    """
    footer: Footer | None

    @property
    def notes_of_end(self) -> tuple[str, ...]:
        if self.ending is None or self.tail is not None:
            return ()
        return (f"Control characters at the end of the file were left out: {len(self.ending.tail)}",)

    @property
    def notes_below(self) -> tuple[str, ...]:
        return () if self.footer is None else (f"Lines below the table were left out: {self.footer.lines}",)


def find_table(text: Path, path: Path, request: ReadRequest) -> Table | Hold:
    """Find the table of a file. ``text`` is the file as UTF-8, ``path`` the original file."""
    contract, marks = request.contract, Marks.of(request.contract.dialect)
    with mapped(text) as data:
        begun = find_table_start(data, marks, contract, request.checks.key_fields)
        if isinstance(begun, Hold):
            return with_fix(begun, header_fix(path, contract, begun))
        if doubt := doubtful_escapes(data, contract):
            return doubt
        ending = find_ending(data, begun.header.end)
        tail = None if ending is None or contract.dialect.trailing_controls else ending.reject(data)
        end = len(data) if ending is None else ending.start
    with mapped(text, end) as data:
        footer = find_footer(data, marks, contract, begun.header)
        if footer is None and (doubt := _doubtful_footer(data, marks, contract, begun)):
            return doubt
    return Table(
        marks=marks,
        begun=begun,
        end=end if footer is None else footer.start,
        ending=ending,
        tail=tail,
        footer=footer,
    )


def _doubtful_footer(data: Bytes, marks: Marks, contract: Contract, begun: TableStart) -> Hold | None:
    header = begun.header
    types = hold_for_record_types(data, marks, contract, header)
    return types or hold_for_total(data, marks, contract, header, begun.verdict)
