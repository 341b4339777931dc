"""Reads small files of one contract together, from memory. This is possible if every record of a file is a
row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bucketlift.model.contract import Contract, Policy
from bucketlift.model.hold import Verdict
from bucketlift.model.rows import Reading
from bucketlift.tabular.blocks.block_filter import Block
from bucketlift.tabular.blocks.blocks import Blocks
from bucketlift.tabular.blocks.parsing import Contradiction, Parsed, Parser
from bucketlift.tabular.bytes.byte_index import Positions
from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.bytes.marks import CR, LF, NUL, Marks, is_rewritten
from bucketlift.tabular.decode.encoding import SHIFT
from bucketlift.tabular.decode.ending import find_ending
from bucketlift.tabular.decode.seven_bit import seven_bit_charset
from bucketlift.tabular.header.beginning import TableStart, find_table_start
from bucketlift.tabular.header.header import framer_below
from bucketlift.tabular.header.line_ends import other_line_end
from bucketlift.tabular.header.other_quotes import hold_for_quotes
from bucketlift.tabular.header.row_policies import RowPolicies
from bucketlift.tabular.header.rows_below import hold_for_rows_below
from bucketlift.tabular.hints.dialect_fix import may_have_escapes
from bucketlift.tabular.hints.last_lines import hold_for_total

CONTRADICTIONS: tuple[type[Exception], ...] = (Contradiction, pa.ArrowInvalid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinary:
    """The result for a file in which every record is a row. It is the same as if the file were read alone."""

    reading: Reading
    rows: pa.RecordBatch


class BatchReader:
    """Reads any number of files of one contract together. Each file has the same result as if it were read
    alone.

    The records of the files are joined below their common header and parsed as one block. A file with
    anything except rows must be read alone. If it is not clear which file that is, the batch is split in
    half.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._marks = Marks.of(contract.dialect)
        self._begun: dict[bytes, TableStart | None] = {}

    @staticmethod
    def suits(contract: Contract) -> bool:
        """Whether files of this contract can be read together. Most dialect settings are not supported here."""
        dialect = contract.dialect
        plain = (
            dialect.header
            and not dialect.lines_above
            and not dialect.rows_below_header
            and not dialect.footer
            and not is_rewritten(dialect)
            and not dialect.blank_around_quotes
            and not dialect.formula_guard
            and not dialect.trailing_delimiter
            and not dialect.trim
            and dialect.quote is not None
            and not may_have_escapes(contract)
        )
        return plain and contract.policies.trailing is not Policy.IGNORE and charset(dialect.encoding).is_utf8

    def read(self, texts: Sequence[bytes]) -> list[Ordinary | None]:
        """The result of each file; None if the file must be read alone."""
        found: list[Ordinary | None] = [None] * len(texts)
        alike: dict[bytes, list[int]] = {}
        for number, text in enumerate(texts):
            line = text[: text.find(LF) + 1]
            begun = self._header(line)
            if begun is None or not _ends_alike(text, line) or find_ending(text, len(line)) is not None:
                continue
            if not self._must_hold(text, begun):
                alike.setdefault(line, []).append(number)
        for line, numbers in alike.items():
            read = self._read_alike(line, [texts[number] for number in numbers])
            for number, each in zip(numbers, read, strict=True):
                found[number] = each
        return found

    def _must_hold(self, text: bytes, begun: TableStart) -> bool:
        """Whether the file must be held, because it has records that may be something other than data, or other
        quotes or line ends.
        """
        header, contract = begun.header, self._contract
        if other_line_end(text, contract.dialect, header.end, len(header.names)):
            return True
        if hold_for_quotes(text, self._marks, contract.dialect, header.offset, contract.names):
            return True
        if hold_for_total(text, self._marks, contract, header, begun.verdict):
            return True
        if contract.dialect.rows_below_header is not None:
            return False
        return hold_for_rows_below(text, self._marks, contract, header, begun.verdict) is not None

    def _header(self, line: bytes) -> TableStart | None:
        """The header of every file that starts with this whole line. None if it does not match the contract."""
        if line not in self._begun:
            begun = find_table_start(line, self._marks, self._contract) if _is_text(line) else None
            sure = (
                isinstance(begun, TableStart) and begun.header.end == len(line) and not begun.verdict.unnamed
            )
            self._begun[line] = begun if isinstance(begun, TableStart) and sure else None
        return self._begun[line]

    def _read_alike(self, line: bytes, texts: list[bytes]) -> list[Ordinary | None]:
        begun = self._begun[line]
        assert begun is not None  # noqa: S101 - only files with a header are passed
        try:
            found = self._read_block(begun, line, texts)
        except CONTRADICTIONS:
            found = None
        if found is not None:
            return list(found)
        if len(texts) == 1:
            return [None]
        middle = len(texts) // 2
        return self._read_alike(line, texts[:middle]) + self._read_alike(line, texts[middle:])

    def _read_block(self, begun: TableStart, line: bytes, texts: list[bytes]) -> list[Ordinary] | None:
        """The results of all files. None if they contain anything except rows, or if a record of one file
        would continue in the next.
        """
        below = [text[len(line) :] if text.endswith(LF) else text[len(line) :] + LF for text in texts]
        data = b"".join([line, *below])
        if not _is_text(data):
            return None
        framer = framer_below(data, self._marks, begun.header)
        blocks = Blocks(
            data=data,
            marks=self._marks,
            framer=framer,
            policies=RowPolicies.of(begun.header, self._marks, data),
            block_bytes=len(data),
        )
        pieces = list(blocks)
        if (
            len(pieces) != 1
            or not isinstance(block := pieces[0], Block)
            or block.rejects
            or block.blank_lines
            or block.left_out
            or block.byte_order_marks
        ):
            return None
        parsed = Parser(data, self._contract, begun.verdict, self._marks).parse(block)
        if parsed.rejects or parsed.null_in_quotes or len(parsed.batches) != 1:
            return None
        starts: Positions = len(line) + np.cumsum([0, *map(len, below)])
        firsts = np.searchsorted(parsed.begins, starts)
        if not np.array_equal(np.append(parsed.begins, len(data))[firsts], starts):
            return None
        return _cut(parsed, firsts, begun)


def _cut(parsed: Parsed, firsts: Positions, begun: TableStart) -> list[Ordinary]:
    """The rows of each file. The lines are counted from the first line of the file."""
    [batch] = parsed.batches
    lines = batch.column(batch.num_columns - 1).to_numpy()
    counts = np.diff(firsts)
    begins = lines[firsts[:-1]] - begun.header.next_line
    own = pa.array(lines - np.repeat(begins, counts), pa.int64())
    rows = pa.RecordBatch.from_arrays([*batch.columns[:-1], own], schema=batch.schema)
    return [
        Ordinary(reading=_reading(int(count), begun.verdict), rows=rows.slice(int(first), int(count)))
        for first, count in zip(firsts[:-1], counts, strict=True)
    ]


def _reading(rows: int, verdict: Verdict) -> Reading:
    return Reading(rows=rows, notes=verdict.notes, verdict=verdict)


def _ends_alike(text: bytes, line: bytes) -> bool:
    """Whether all line ends are LF, or all are CRLF. A text without records is not checked, and the result is
    False.
    """
    if len(text) == len(line):
        return False
    if CR not in text:
        return True
    pairs = text.count(CR + LF)
    return pairs == text.count(CR) == text.count(LF)


def _is_text(data: bytes) -> bool:
    """Whether the data is UTF-8 without NULs and escape sequences. It is then not UTF-16, UTF-32 or ISO 2022."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return NUL not in data and SHIFT not in data and seven_bit_charset(data) is None
