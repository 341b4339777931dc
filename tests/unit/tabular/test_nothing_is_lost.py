"""Whatever the bytes are, each of them is in the header, a row, a reject or a blank line, in order."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Dialect, Policies, Policy
from bucketlift.model.rows import Reject
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.records import Blank, Record
from bucketlift.tabular.header.header import Header, framer_below, read_header
from bucketlift.tabular.header.repeats import Repeats

from .files import a_contract, framed, read

TOKENS = (",", '"', '""', "\n", "\r\n", "\r", "\0", "a", "id,name\n", "1,b\n", "é", '",')
bodies = st.lists(st.sampled_from(TOKENS), max_size=40).map(lambda some: "".join(some).encode())
heads = st.sampled_from((b"id,name\n", b"\xef\xbb\xbf\n\r\nid,name\r\n", b'"id","name"\n', b"\n id ,NAME\n"))

cells = st.text(st.sampled_from('ab,"\n\r\té '), max_size=8) | st.text(max_size=5).map(
    lambda some: some.replace("\0", "")
)
ENDS = ("\n", "\r\n")


def written(rows: list[list[str]], quoted: list[bool], end: str) -> str:
    """Valid CSV: quoted where it must be, and at other places at will."""
    choice = iter(quoted * 100)
    lines = []
    for row in rows:
        lone_blank = row == [""]
        must = [lone_blank or any(mark in cell for mark in ',"\r\n') for cell in row]
        lines.append(
            ",".join(
                '"' + cell.replace('"', '""') + '"' if needed or next(choice) else cell
                for cell, needed in zip(row, must, strict=True)
            )
        )
    return "".join(line + end for line in lines)


@pytest.mark.slow
@settings(deadline=None)
@given(head=heads, body=bodies)
def test_every_byte_of_a_file_is_in_one_place(head, body):
    data = head + body
    header = read_header(data, Marks.of(Dialect()))
    assert isinstance(header, Header)

    pieces = [data[: header.end]]
    framer = framer_below(data, Marks.of(Dialect()), header)
    for each in map(Repeats.of(header, data).apply, framer):
        match each:
            case Record(_, offset, end) | Blank(_, offset, end):
                assert offset == sum(map(len, pieces))
                pieces.append(data[offset:end])
            case Reject():
                assert each.offset == sum(map(len, pieces))
                assert each.line == data.count(b"\n", 0, each.offset) + 1
                pieces.append(each.raw)

    assert b"".join(pieces) == data


@pytest.mark.slow
@settings(deadline=None)
@given(head=heads, body=bodies, keyed=st.booleans())
def test_rows_and_rejects_are_all_records(head, body, keyed):
    data = head + body
    with TemporaryDirectory() as folder:
        outcome = read(Path(folder), data, keys=[("id",)] if keyed else ())
    assert outcome.rows is not None
    lines = {row[-1] for row in outcome.rows}
    rejected = sum(len(each.raw) for each in outcome.rejects)

    assert (len(outcome.rows), len(outcome.rejects)) == (outcome.reading.rows, outcome.reading.rejected)
    assert not lines & {each.line for each in outcome.rejects}
    assert len(data) - len(head) >= rejected
    assert outcome.rejects == sorted(outcome.rejects, key=lambda each: each.offset)


@pytest.mark.slow
@settings(deadline=None)
@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
    ),
    quoted=st.lists(st.booleans(), min_size=1, max_size=20),
    end=st.sampled_from(ENDS),
)
def test_valid_csv_is_read_as_pythons_strict_reader_reads_it(rows, quoted, end):
    text = written(rows, quoted, end)

    expected = list(csv.reader(io.StringIO(text, newline=""), strict=True))

    assert expected == rows
    assert framed(text.encode(), width=len(rows[0])) == [("row", *row) for row in rows]


@pytest.mark.slow
@settings(deadline=None)
@given(row=st.lists(cells, min_size=2, max_size=4), quoted=st.lists(st.booleans(), min_size=1, max_size=9))
def test_a_staged_cell_is_the_cell_that_was_written(row, quoted):
    names = [f"c{number}" for number in range(len(row))]
    text = written([names, row], quoted, "\n")
    assume(not text.partition("\n")[2].startswith("\f"))  # a form feed before a record makes it a reject
    contract = a_contract(*names, policies=Policies(empty_rows=Policy.KEEP))
    with TemporaryDirectory() as folder:
        outcome = read(Path(folder), text.encode(), contract)

    assert outcome.rows == [(*row, 2)]
