"""Parses a block of records into batches of typed rows, many cells at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv

from bucketlift.model.contract import Contract, Verdict
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.arrow.staging import readers_of, rows_schema
from bucketlift.tabular.blocks.block_filter import Block
from bucketlift.tabular.bytes.byte_index import Positions
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks, count_boms
from bucketlift.tabular.csv.nulls import by_raw_cell
from bucketlift.tabular.types.computing import compute


class Contradiction(Exception):
    """The fast path contradicts itself, which is a defect: the file is read record by record instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The result of a block; ``begins`` and ``ends`` are the offsets of its rows in the file."""

    batches: list[pa.RecordBatch]
    rejects: list[Reject]
    begins: Positions
    ends: Positions
    blank_lines: int
    left_out: Counter[str]
    byte_order_marks: int
    null_in_quotes: int = 0


class Parser:
    """Parses any number of blocks, concurrently if needed."""

    def __init__(self, data: Bytes, contract: Contract, verdict: Verdict, marks: Marks) -> None:
        self._data = data
        self._fields = contract.fields
        self._readers = readers_of(contract)
        self._schema = rows_schema(contract)
        self._names = [str(number) for number in range(verdict.width)]
        self._marks = marks
        taken = [self._names[position] for position in verdict.positions if position is not None]
        self._missing = {number for number, position in enumerate(verdict.positions) if position is None}
        self._convert = pyarrow.csv.ConvertOptions(
            check_utf8=False,  # the whole file was checked before
            include_columns=taken,
            column_types=dict.fromkeys(taken, pa.string()),
            null_values=[],
            strings_can_be_null=False,
        )
        self._words = [[*field.null_words] for field in contract.fields]
        self._raw = by_raw_cell(contract.dialect)
        words = sorted({word for each in self._words for word in each})
        self._quoted_word = _in_quotes(words, marks)
        self._convert_nulls = pyarrow.csv.ConvertOptions(
            check_utf8=False,
            include_columns=taken,
            column_types=dict.fromkeys(taken, pa.string()),
            null_values=words,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )

    def parse(self, block: Block) -> Parsed:
        batches, wrong = self._parsed(block, self._convert) if len(block.begins) else ([], [])
        bare = self._bare(block)
        rows = _Rows(block.begins, block.ends, block.lines)
        rejects = list(rows.rejects(self._data, dict.fromkeys(wrong, (RejectReason.WIDTH, None))))
        of_wrong_width = sum(count_boms(each.raw) for each in rejects)
        rows = rows.without(wrong)
        if sum(map(len, batches)) != len(rows.lines):
            raise Contradiction
        batches, in_quotes = self._contents(batches, bare)
        staged, misfits = self._read(batches, rows.lines)
        rejects += rows.rejects(self._data, misfits)
        rows = rows.without(list(misfits))
        return Parsed(
            batches=staged,
            rejects=sorted([*block.rejects, *rejects], key=attrgetter("offset"))
            if rejects
            else block.rejects,
            begins=rows.begins,
            ends=rows.ends,
            blank_lines=block.blank_lines,
            null_in_quotes=in_quotes,
            left_out=block.left_out,
            byte_order_marks=block.byte_order_marks - of_wrong_width,
        )

    def _bare(self, block: Block) -> list[pa.RecordBatch] | None:
        """The cells parsed again with unquoted null words as nulls; None if no null word is quoted."""
        if self._quoted_word is None or not len(block.begins) or not self._quoted_word.search(block.text):
            return None
        return self._parsed(block, self._convert_nulls)[0]

    def _contents(
        self, batches: list[pa.RecordBatch], bare: list[pa.RecordBatch] | None
    ) -> tuple[list[pa.RecordBatch], int]:
        """The cells' contents by the dialect, and the number of quoted null words read as nulls."""
        in_quotes, found = 0, list[pa.RecordBatch]()
        words = [words for number, words in enumerate(self._words) if number not in self._missing]
        for number, batch in enumerate(batches):
            columns = [self._content(column) for column in batch.columns]
            for place, of_field in enumerate(words):
                if not of_field or not (self._raw or bare):
                    continue
                null = compute.is_in(columns[place], value_set=pa.array(of_field, pa.string()))
                quoted = compute.and_(null, bare[number].column(place).is_valid()) if bare else None
                if self._raw:
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
        """The cells of all records of the right width, and the numbers of the others."""
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

    def _read(
        self, batches: list[pa.RecordBatch], lines: Positions
    ) -> tuple[list[pa.RecordBatch], dict[int, tuple[RejectReason, str | None]]]:
        """The typed rows, and for each other record the first field that does not fit and the reason."""
        staged, misfits, begin = [], dict[int, tuple[RejectReason, str | None]](), 0
        for batch in batches:
            columns: list[pa.Array[Any]] = []
            fits = np.ones(len(batch), np.bool_)
            for field, reader, texts in zip(self._fields, self._readers, self._texts(batch), strict=True):
                read = reader.read(texts)
                columns.append(read.values)
                for row, reason in read.faults():
                    misfits.setdefault(begin + row, (reason, field.name))
                    fits[row] = False
            columns.append(pa.array(lines[begin : begin + len(batch)], pa.int64()))
            rows = pa.RecordBatch.from_arrays(columns, schema=self._schema)
            staged.append(rows if fits.all() else rows.filter(pa.array(fits)))
            begin += len(batch)
        return staged, misfits

    def _texts(self, batch: pa.RecordBatch) -> Iterator[Any]:
        """A column for each field; empty if the file does not have it."""
        there = iter(batch.columns)
        for number in range(len(self._fields)):
            yield self._empty(number, len(batch)) if number in self._missing else next(there)

    def _empty(self, number: int, rows: int) -> pa.Array[Any]:
        return pa.nulls(rows, pa.string()) if self._raw and "" in self._words[number] else pa.repeat("", rows)


def _in_quotes(words: list[str], marks: Marks) -> re.Pattern[bytes] | None:
    """Matches a quoted null word; None if there are no null words or no quotes."""
    if not words or marks.quote is None:
        return None
    quote = re.escape(marks.quote)
    return re.compile(quote + b"(?:" + b"|".join(re.escape(word.encode()) for word in words) + b")" + quote)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The offsets and lines of rows, by their number in a block."""

    begins: Positions
    ends: Positions
    lines: Positions

    def without(self, numbers: list[int]) -> _Rows:
        if not numbers:
            return self
        return _Rows(*(np.delete(each, numbers) for each in (self.begins, self.ends, self.lines)))

    def rejects(self, data: Bytes, wrong: dict[int, tuple[RejectReason, str | None]]) -> Iterator[Reject]:
        for number, (reason, field) in wrong.items():
            begin, end = int(self.begins[number]), int(self.ends[number])
            yield Reject(
                line=int(self.lines[number]), offset=begin, raw=data[begin:end], reason=reason, field=field
            )
