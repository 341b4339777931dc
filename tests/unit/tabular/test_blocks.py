"""Where blocks meet: records that no block holds, dense damage, many rows, and little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bucketlift.model.contract import Contract, Dialect, Policies, Policy
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.staging import RejectsWriter
from bucketlift.tabular.blocks import block_filter
from bucketlift.tabular.blocks.block_filter import Block
from bucketlift.tabular.blocks.blocks import DENSE, FIRST_LINES, Blocks
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.empty_rows import EmptyRows
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import whole_record
from bucketlift.tabular.header.repeats import Repeats
from bucketlift.tabular.header.row_policies import RowPolicies

from .files import Outcome, a_contract, read

PROGRAM = """
import resource, sys
from pathlib import Path
from bucketlift.model.contract import Contract, Field
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

folder = Path(sys.argv[1])
for name in ("small", "large"):
    read_file(
        folder / name,
        ReadRequest(
            contract=Contract(fields=(Field(name="id"), Field(name="name"))),
            staged=folder / "rows", rejects=folder / "rejects", max_rejected=RejectLimit(),
        ),
    )
    print(peak() // 1024)
"""


@pytest.fixture(autouse=True)
def by_blocks_alone(monkeypatch):
    monkeypatch.setattr("bucketlift.tabular.read.strategy.CONTRADICTIONS", ())
    monkeypatch.setattr("bucketlift.tabular.read.strategy.SMALL", 0)


def same(tmp_path: Path, data: bytes, size: int, contract: Contract | None = None, **more) -> Outcome:
    """What both ways come to."""
    by_blocks = read(tmp_path, data, contract, block_bytes=size, **more)
    assert by_blocks == read(tmp_path, data, contract, block_bytes=0, **more)
    return by_blocks


def test_a_record_longer_than_a_block_is_a_row(tmp_path):
    data = b'id,name\n1,a\n2,"' + b"x\n" * 100 + b'"\n3,c\n'

    assert same(tmp_path, data, 32).rows == [("1", "a", 2), ("2", "x\n" * 100, 3), ("3", "c", 104)]


def test_a_record_longer_than_the_limit_is_rejects_of_that_size_though_a_block_would_hold_it():
    data, marks = b"1,a\n2," + b"x" * 70 + b"\n3,c\n", Marks.of(Dialect())
    framer = Framer(data, marks, width=2, at=0, line=1, longest=40)
    repeats = Repeats(names=["id", "name"], data=data)

    empty_rows = EmptyRows(policy=Policy.HOLD, marks=marks, width=2, data=data)

    pieces = list(
        Blocks(
            data=data,
            marks=marks,
            framer=framer,
            policies=RowPolicies(data=data, repeats=repeats, empty_rows=empty_rows),
            block_bytes=1 << 20,
        )
    )

    assert [len(each.raw) for each in pieces if isinstance(each, Reject)] == [40, 33]
    assert [line for each in pieces if isinstance(each, Block) for line in each.lines.tolist()] == [1, 3]


def test_rejects_between_blocks_keep_the_files_order(tmp_path):
    lines = [
        b"%d,a\n" % number if number % 7 else (b"%d\n", b'%d,"a"b\n', b"%d,\0\n")[number % 3] % number
        for number in range(1, 400)
    ]

    outcome = same(tmp_path, b"id,name\n" + b"".join(lines), 64)

    assert [each.line for each in outcome.rejects] == [
        number + 1 for number in range(1, 400) if number % 7 == 0
    ]


def test_a_block_full_of_broken_records_is_not_cut_on(tmp_path):
    broken = b'1,"a"b\n' * (2 * DENSE)

    outcome = same(tmp_path, b"id,name\n1,a\n" + broken + b"2,b\n" * 10, 1 << 20)

    assert outcome.reading.rows == 11
    assert {each.reason for each in outcome.rejects} == {RejectReason.BARE_QUOTE}


def test_a_second_table_may_begin_in_a_later_block(tmp_path):
    data = b"id,name\n" + b"1,a\n" * 50 + b'"ID",Name\n' + b"2,b\n" * 50

    outcome = same(tmp_path, data, 64)

    assert (outcome.reading.rows, outcome.reading.rejected) == (50, 51)


def test_a_column_of_the_headers_own_name_is_no_second_table(tmp_path):
    data = b"id,name\n" + b"id,a\nidentity,b\nid ,c\n" * 30

    assert same(tmp_path, data, 64).reading.rows == 90


@pytest.mark.slow
def test_more_rows_than_a_parser_takes_at_once_keep_their_lines(tmp_path):
    lines = [b"%d,a\n" % number if number % 1000 else b"%d\n" % number for number in range(1, 130_000)]

    outcome = same(tmp_path, b"id,name\n" + b"".join(lines), 8 << 20, keys=[("id",)])

    assert outcome.rows == [(str(number), "a", number + 1) for number in range(1, 130_000) if number % 1000]
    assert [each.line for each in outcome.rejects] == list(range(1001, 130_000, 1000))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path):
    line = b'12345,"some, name of nobody"\n'
    (tmp_path / "small").write_bytes(b"id,name\n" + line * 1_000_000)
    (tmp_path / "large").write_bytes(b"id,name\n" + line * 4_000_000)

    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, check=True, text=True
    )

    small, large = map(int, ran.stdout.split())
    assert large < 1.25 * small


def test_rejects_of_a_block_are_written_without_an_object_for_each(tmp_path, monkeypatch):
    added = []
    monkeypatch.setattr(RejectsWriter, "add", lambda _, reject: added.append(reject))
    lines = [(b"1\n", b"1,\0\n", b",\n", b"1,a\n")[number % 4] for number in range(400)]

    outcome = read(tmp_path, b"id,name\n" + b"".join(lines), block_bytes=1 << 20)

    assert added == []
    assert [(each.line, each.raw) for each in outcome.rejects] == [
        (number + 2, line) for number, line in enumerate(lines) if line != b"1,a\n"
    ]


def test_equal_repeats_of_the_header_are_read_once(tmp_path, monkeypatch):
    seen = []

    def noting(text, *more):
        seen.append(text)
        return whole_record(text, *more)

    monkeypatch.setattr(block_filter, "whole_record", noting)

    outcome = read(tmp_path, b"id,name\n" + b"ID,name\n" * 500, block_bytes=1 << 20)

    assert seen == [b"ID,name\n"]
    assert {each.reason for each in outcome.rejects} == {RejectReason.REPEATED_HEADER}
    assert outcome.reading.rejected == 500


def test_repeats_left_out_before_a_second_table_are_noted_as_repeats(tmp_path):
    skip = a_contract(policies=Policies(repeated_header=Policy.SKIP))

    outcome = same(tmp_path, b"id,name\n1,a\nid,name\n2,b\nname,id\nc,3\n", 1 << 20, skip)

    assert outcome.reading.notes == ("Repeats of the header row were left out: 1",)
    assert [each.line for each in outcome.rejects] == [5, 6]


def test_the_first_block_has_few_lines_so_that_a_file_of_short_rejects_is_given_up_early(tmp_path):
    outcome = read(
        tmp_path, b"id,name\n" + b"1\n" * 200_000, block_bytes=8 << 20, max_rejected=RejectLimit(rows=0)
    )

    assert outcome.reading.rejected == 2 * FIRST_LINES
