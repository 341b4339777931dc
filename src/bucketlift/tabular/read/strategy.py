"""Reads a file into staged rows and rejects: by blocks if possible, otherwise record by record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa

from bucketlift.model.contract import Contract, Policy
from bucketlift.model.hold import Verdict
from bucketlift.model.rows import Reject
from bucketlift.tabular.arrow.staging import REJECTS, RejectsWriter, RowsWriter, arrow_file, rows_schema
from bucketlift.tabular.blocks.blocks import BLOCK_BYTES, Blocks
from bucketlift.tabular.blocks.parsing import Contradiction, Parsed, Parser
from bucketlift.tabular.blocks.pipeline import parsed, parsed_here
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.nulls import Nulls
from bucketlift.tabular.csv.records import Framed
from bucketlift.tabular.decode.escapes import contents
from bucketlift.tabular.header.header import Header, framer_below
from bucketlift.tabular.header.row_policies import RowPolicies
from bucketlift.tabular.header.unnamed import refuse_unnamed
from bucketlift.tabular.read.staged_writer import GivesUp, Report, StagedWriter, Tally, no_report

CONTRADICTIONS: tuple[type[Exception], ...] = (Contradiction, pa.ArrowInvalid)
"""Errors after which the file is read again record by record, so that such an error costs only time."""

SMALL = 1 << 13
"""Files with fewer bytes are read record by record, which is faster than setting up the first block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Writes the records below a valid header to the two staged files."""

    data: Bytes
    coded: bool
    """Whether some characters are replaced by codes."""
    marks: Marks
    header: Header
    verdict: Verdict
    contract: Contract
    staged: Path
    rejects: Path
    placed: bool
    """Whether the position of each row in the file is needed later. If so, it is stored."""
    give_up: GivesUp
    tail: Reject | None = None
    """Bytes at the end of the file, after ``data``, that are one reject; None if there are none."""
    report: Report = no_report

    def stage(self, block_bytes: int = BLOCK_BYTES) -> Tally:
        """Write both files. If ``block_bytes`` is 0, the file is read record by record; the result is the
        same.
        """
        if block_bytes and self._suits_blocks():
            with suppress(*CONTRADICTIONS):
                return self._stage(block_bytes)
        return self._stage(0)

    def _suits_blocks(self) -> bool:
        """Whether the block parser can read the file. It does not support replacement codes, additional empty
        cells, or quotes at unusual positions.
        """
        large = len(self.data) - self.header.end >= SMALL
        known = (
            not self.coded and not self.marks.lenient and not self.marks.trailing and not self.marks.borders
        )
        if len(self.header.names) == 1 and self.contract.policies.empty_rows is Policy.KEEP:
            return False
        trims = self.marks.trim and any(field.null_words for field in self.contract.fields)
        return large and known and not trims and not self.verdict.unnamed

    def _stage(self, block_bytes: int) -> Tally:
        framer, left_out = framer_below(self.data, self.marks, self.header), Counter[str]()
        nulls = Nulls(
            data=self.data, marks=self.marks, contract=self.contract, positions=self.verdict.positions
        )
        with ExitStack() as files:
            rows_file = files.enter_context(arrow_file(self.staged, rows_schema(self.contract)))
            rejects_file = files.enter_context(arrow_file(self.rejects, REJECTS))
            writer = StagedWriter(
                data=self.data,
                rows=RowsWriter(rows_file, self.contract, nulls),
                rejects=RejectsWriter(rejects_file, self.contract.names),
                placed=self.placed,
                give_up=self.give_up,
                report=self.report,
            )
            policies = self._policies()
            pieces = (
                self._by_blocks(framer, policies, block_bytes)
                if block_bytes
                else self._one_by_one(framer, policies, left_out)
            )
            tally = writer.all_of(chain(pieces, () if self.tail is None else (self.tail,)))
        tally.byte_order_marks += policies.byte_order_marks
        tally.empty_rows_kept = policies.empty_rows.kept
        tally.blank_lines += self.header.blank_lines
        tally.mixed = framer.mixes_line_ends
        tally.null_in_quotes += nulls.in_quotes
        tally.left_out += left_out + Counter(trailing=framer.trailing)
        return tally

    def _policies(self) -> RowPolicies:
        policies = self.contract.policies
        return RowPolicies.of(
            self.header,
            self.marks,
            self.data,
            empty_rows=policies.empty_rows,
            repeated_header=policies.repeated_header,
        )

    def _one_by_one(self, framer: Framer, policies: RowPolicies, left_out: Counter[str]) -> Iterator[Framed]:
        framed = contents(framer, self.data, self.marks, left_out)
        return refuse_unnamed(map(policies.apply, framed), self.verdict.unnamed, self.data)

    def _by_blocks(
        self, framer: Framer, policies: RowPolicies, block_bytes: int
    ) -> Iterator[Framed | Parsed]:
        blocks = Blocks(
            data=self.data,
            marks=self.marks,
            framer=framer,
            policies=policies,
            block_bytes=block_bytes,
        )
        parser = Parser(self.data, self.contract, self.verdict, self.marks)
        strategy = parsed if len(self.data) - self.header.end > block_bytes else parsed_here
        return strategy(blocks, parser.parse)
