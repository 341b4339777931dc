"""Parses a block of records into batches of typed rows, many cells at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv

from bucketlift.model.contract import Contract
from bucketlift.model.hold import Verdict
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.arrow.reject_columns import FieldNumbers, RejectColumns
from bucketlift.tabular.arrow.staging import readers_of, rows_schema
from bucketlift.tabular.blocks.block_filter import Block
from bucketlift.tabular.bytes.byte_index import ByteArray, Flags, Positions
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks, count_boms
from bucketlift.tabular.csv.nulls import by_raw_cell
from bucketlift.tabular.types.computing import compute
from bucketlift.tabular.types.reason_codes import NO_REASON, code_of


class Contradiction(Exception):
    """The results of the fast reader contradict each other, which is a defect. The file is then read record
    by record.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The result of parsing a block. ``begins`` and ``ends`` are the offsets of its rows in the file."""

    batches: list[pa.RecordBatch]
    rejects: RejectColumns
    begins: Positions
    ends: Positions
    blank_lines: int
    left_out: Counter[str]
    byte_order_marks: int
    null_in_quotes: int = 0

    @property
    def last(self) -> int:
        """The offset of the last record; 0 if there is no record."""
        return max(
            (int(begins[-1]) for begins in (self.begins, self.rejects.begins) if len(begins)), default=0
        )


class Parser:
    """Parses blocks of one file. Several blocks can be parsed at the same time."""

    def __init__(self, data: Bytes, contract: Contract, verdict: Verdict, marks: Marks) -> None:
        self._data = data
        self._fields = contract.fields
        self._readers = readers_of(contract)
        self._schema = rows_schema(contract)
        self._names = [str(number) for number in range(verdict.width)]
        self._marks = marks
        taken = [self._names[position] for position in verdict.positions if position is not None]
        self._missing = {number for number, position in enumerate(verdict.positions) if position is None}
        self._convert = _conversion(taken)
        self._words = [[*field.null_words] for field in contract.fields]
        self._by_raw_cell = by_raw_cell(contract.dialect)
        words = sorted({word for each in self._words for word in each})
        self._quoted_word = _in_quotes(words, marks)
        self._convert_nulls = _conversion(taken, words)

    def parse(self, block: Block) -> Parsed:
        batches, wrong = self._parsed(block, self._convert) if len(block.begins) else ([], [])
        bare = self._with_quoted_nulls(block)
        rows = _Rows.of(block)
        rows.note_width(wrong)
        boms = self._boms_before(rows.rejects) if block.byte_order_marks else 0
        of_wrong_width, rows = rows.rejects, rows.kept
        if sum(map(len, batches)) != len(rows.lines):
            raise Contradiction
        batches, in_quotes = self._contents(batches, bare)
        staged = self._read(batches, rows)
        return Parsed(
            batches=staged,
            rejects=RejectColumns.joined(block.rejects, of_wrong_width, rows.rejects),
            begins=rows.kept.begins,
            ends=rows.kept.ends,
            blank_lines=block.blank_lines,
            null_in_quotes=in_quotes,
            left_out=block.left_out,
            byte_order_marks=block.byte_order_marks - boms,
        )

    def _boms_before(self, rejects: RejectColumns) -> int:
        extents = zip(rejects.begins.tolist(), rejects.ends.tolist(), strict=True)
        return sum(count_boms(self._data[begin:end]) for begin, end in extents)

    def _with_quoted_nulls(self, block: Block) -> list[pa.RecordBatch] | None:
        """The cells of a block, parsed again with unquoted null words as nulls. None if no null word is
        quoted.
        """
        if self._quoted_word is None or not len(block.begins) or not self._quoted_word.search(block.text):
            return None
        return self._parsed(block, self._convert_nulls)[0]

    def _contents(
        self, batches: list[pa.RecordBatch], bare: list[pa.RecordBatch] | None
    ) -> tuple[list[pa.RecordBatch], int]:
        """The contents of the cells by the rules of the dialect, and the number of quoted null words that
        were read as nulls.
        """
        in_quotes, found = 0, list[pa.RecordBatch]()
        words = [words for number, words in enumerate(self._words) if number not in self._missing]
        for number, batch in enumerate(batches):
            columns = [self._content(column) for column in batch.columns]
            for place, of_field in enumerate(words):
                if not of_field or not (self._by_raw_cell or bare):
                    continue
                null = compute.is_in(columns[place], value_set=pa.array(of_field, pa.string()))
                quoted = compute.and_(null, bare[number].column(place).is_valid()) if bare else None
                if self._by_raw_cell:
                    null = null if quoted is None else compute.and_not(null, quoted)
                    columns[place] = compute.if_else(null, pa.scalar(None, pa.string()), columns[place])
                elif quoted is not None:
                    in_quotes += compute.sum(quoted).as_py() or 0
            found.append(pa.RecordBatch.from_arrays(columns, names=batch.schema.names))
        return found, in_quotes

    def _content(self, column: pa.Array[Any]) -> pa.Array[Any]:
        for mark, own in self._marks.restored:
            if compute.any(compute.match_substring(column, mark.decode())).as_py():
                column = compute.replace_substring(column, mark.decode(), own.decode())
        return compute.utf8_trim(column, " \t") if self._marks.trim else column

    def _parsed(
        self, block: Block, convert: pyarrow.csv.ConvertOptions
    ) -> tuple[list[pa.RecordBatch], list[int]]:
        """The cells of all records with the right number of cells, and the numbers of the other records."""
        wrong: list[int] = []

        def skip(row: pyarrow.csv.InvalidRow) -> Literal["skip", "error"]:
            wrong.append((row.number or 0) - 1)
            return "skip"

        table = pyarrow.csv.read_csv(
            pa.BufferReader(block.text),  # type: ignore[arg-type]  # the stub knows of no Arrow files
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=len(block.text) + 1, column_names=self._names
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self._marks.delimiter.decode(),
                quote_char=self._marks.quote.decode() if self._marks.quote else False,
                newlines_in_values=self._marks.quote is not None,
                invalid_row_handler=skip,
            ),
            convert_options=convert,
        )
        return table.to_batches(), wrong

    def _read(self, batches: list[pa.RecordBatch], rows: _Rows) -> list[pa.RecordBatch]:
        """The typed rows. For each record that is not a row, the first field that does not fit is stored,
        with the reason.
        """
        staged, begin = [], 0
        for batch in batches:
            columns: list[pa.Array[Any]] = []
            end = begin + len(batch)
            for number, (reader, texts) in enumerate(
                zip(self._readers, self._texts(batch), strict=True), start=1
            ):
                read = reader.read(texts)
                columns.append(read.values)
                if (codes := read.codes()) is not None:
                    rows.note_misfits(begin, codes, number)
            columns.append(pa.array(rows.lines[begin:end], pa.int64()))
            made = pa.RecordBatch.from_arrays(columns, schema=self._schema)
            fits = rows.reasons[begin:end] == NO_REASON
            staged.append(made if fits.all() else made.filter(pa.array(fits)))
            begin = end
        return staged

    def _texts(self, batch: pa.RecordBatch) -> Iterator[Any]:
        """Yield a column of texts for each field. The column is empty if the file does not have the field."""
        there = iter(batch.columns)
        for number in range(len(self._fields)):
            yield self._empty(number, len(batch)) if number in self._missing else next(there)

    def _empty(self, number: int, rows: int) -> pa.Array[Any]:
        return (
            pa.nulls(rows, pa.string())
            if self._by_raw_cell and "" in self._words[number]
            else pa.repeat("", rows)
        )


def _conversion(columns: list[str], null_words: Sequence[str] = ()) -> pyarrow.csv.ConvertOptions:
    """The settings by which Arrow reads every cell as text, and unquoted null words as nulls."""
    return pyarrow.csv.ConvertOptions(
        check_utf8=False,  # the whole file was checked before
        include_columns=columns,
        column_types=dict.fromkeys(columns, pa.string()),
        null_values=list(null_words),
        strings_can_be_null=bool(null_words),
        quoted_strings_can_be_null=False,
    )


def _in_quotes(words: list[str], marks: Marks) -> re.Pattern[bytes] | None:
    """The pattern of a quoted null word; None if there are no null words or no quotes."""
    if not words or marks.quote is None:
        return None
    quote = re.escape(marks.quote)
    return re.compile(quote + b"(?:" + b"|".join(re.escape(word.encode()) for word in words) + b")" + quote)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The offsets and lines of records, and for each reject among them its reason and field."""

    begins: Positions
    ends: Positions
    lines: Positions
    reasons: ByteArray
    fields: FieldNumbers

    @staticmethod
    def of(block: Block) -> _Rows:
        return _Rows._valid(block.begins, block.ends, block.lines)

    @staticmethod
    def _valid(begins: Positions, ends: Positions, lines: Positions) -> _Rows:
        count = len(begins)
        return _Rows(begins, ends, lines, np.full(count, NO_REASON, np.uint8), np.zeros(count, np.int32))

    def note_width(self, numbers: list[int]) -> None:
        """Store that these records have more or fewer cells than the header."""
        self.reasons[numbers] = code_of(RejectReason.WIDTH)

    def note_misfits(self, begin: int, codes: ByteArray, field: int) -> None:
        """Store why one field does not fit, for the records from ``begin`` on. If a record has a reason
        already, that reason stays.
        """
        reasons, fields = (each[begin : begin + len(codes)] for each in (self.reasons, self.fields))
        new = (reasons == NO_REASON) & (codes != NO_REASON)
        reasons[new], fields[new] = codes[new], field

    @property
    def _wrong(self) -> Flags:
        found: Flags = self.reasons != NO_REASON
        return found

    @property
    def rejects(self) -> RejectColumns:
        whole = RejectColumns(self.begins, self.ends, self.lines, self.reasons, self.fields)
        return whole.chosen(self._wrong)

    @property
    def kept(self) -> _Rows:
        """The records that are not rejects."""
        wrong = self._wrong
        if not wrong.any():
            return self
        return _Rows._valid(self.begins[~wrong], self.ends[~wrong], self.lines[~wrong])
