"""A file read whole: rows and rejects staged, counts, holds."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from bucketlift.model.contract import Dialect, FileType, Policies, Policy
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import Reading, Reject, RejectReason
from bucketlift.model.workflow import NO_REJECTS, RejectLimit
from bucketlift.tabular.arrow import staging
from bucketlift.tabular.arrow.staging import open_rows
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest

from .files import ANY, Outcome, a_contract, a_reject, read, staged_rows


def test_a_good_file_is_staged_with_the_lines_of_its_rows(tmp_path):
    outcome = read(tmp_path, b'id,name\n1,"Ann\nB"\n\n2,\r\n')

    assert outcome == Outcome(
        reading=Reading(rows=2, blank_lines=1, notes=("Line ends are mixed: LF and CRLF",)),
        rows=[("1", "Ann\nB", 2), ("2", "", 5)],
        rejects=[],
    )


def test_the_staged_columns_are_the_contracts_in_its_order(tmp_path):
    contract = a_contract("id", "name", policies=Policies(extra=Policy.IGNORE))

    outcome = read(tmp_path, b"x,Name,id\n-,Ann,1\n", contract)

    with open_rows(tmp_path / "rows.arrow") as stream:
        columns = [(column.name, column.type, column.nullable) for column in stream.schema]
    assert columns == [
        ("id", pa.string(), False),
        ("name", pa.string(), False),
        ("_source_line", pa.int64(), False),
    ]
    assert outcome.rows == [("1", "Ann", 2)]
    assert outcome.reading.notes == (
        "Columns are in another order than in the sample",
        'Names differ in case or surrounding blanks: "Name"',
        'Columns that the sample does not have were left out: "x"',
    )


def test_rejects_are_kept_with_their_bytes_in_the_files_order(tmp_path):
    outcome = read(tmp_path, b"\xef\xbb\xbfid,name\n1\n2,b\n3,\0\n4,d")

    assert outcome == Outcome(
        reading=Reading(rows=2, rejected=2),
        rows=[("2", "b", 3), ("4", "d", 5)],
        rejects=[
            a_reject(2, 11, b"1\n", RejectReason.WIDTH),
            a_reject(4, 17, b"3,\0\n", RejectReason.NUL),
        ],
    )


def test_a_tsv_file_is_read(tmp_path):
    contract = a_contract(dialect=Dialect.of(FileType.TSV))

    assert read(tmp_path, b'id\tname\n1\t"a\tb"\n', contract).rows == [("1", "a\tb", 2)]


def test_a_header_alone_is_a_good_file_of_no_rows(tmp_path):
    assert read(tmp_path, b"id,name") == Outcome(reading=Reading(), rows=[], rejects=[])


def test_a_file_of_no_bytes_is_held(tmp_path):
    outcome = read(tmp_path, b"")

    assert outcome.reading.hold is not None
    assert outcome.reading.hold.reason is HeldReason.EMPTY
    assert "`empty: skip`" in outcome.reading.hold.hint
    assert (outcome.rows, outcome.rejects) == (None, [])


def test_a_file_that_is_not_utf8_is_held(tmp_path):
    outcome = read(tmp_path, "id,name\n1,Zoë\n".encode("latin-1"))

    assert outcome.reading.hold is not None
    assert outcome.reading.hold.reason is HeldReason.NOT_UTF8
    assert (outcome.rows, outcome.rejects) == (None, [])


def test_a_file_of_another_header_is_held(tmp_path):
    outcome = read(tmp_path, b"id,nam\n1,a\n")

    assert outcome == Outcome(
        reading=Reading(
            hold=Hold(
                reason=HeldReason.RENAMED_COLUMN,
                what='Column "name" looks renamed to "nam"',
                hint="Give the column its old name in the file, or use a sample with the new name. If files use both names, list the other one in `aliases`.",
            )
        ),
        rows=None,
        rejects=[],
    )


def test_more_rejects_than_allowed_hold_the_file_and_stay_readable(tmp_path):
    outcome = read(tmp_path, b"id,name\n1\n2,b\n", max_rejected=NO_REJECTS)

    assert outcome.reading == Reading(
        rows=1,
        rejected=1,
        hold=Hold(
            reason=HeldReason.TOO_MANY_REJECTS,
            what="1 of 2 records are rejects; max_rejected allows 0 rows",
            hint="Look at the rejects, correct the file and upload it again, or raise max_rejected.",
        ),
    )
    assert outcome.rejects == [a_reject(2, 8, b"1\n", RejectReason.WIDTH)]


def test_a_share_of_rejects_can_be_allowed(tmp_path):
    data = b"id,name\n1\n2,b\n3,c\n4,d\n"

    assert read(tmp_path, data, max_rejected=RejectLimit(percent=25)).reading.hold is None
    assert read(tmp_path, data, max_rejected=RejectLimit(percent=24, rows=1)).reading.hold is not None


def test_an_error_leaves_nothing_that_looks_whole(tmp_path):
    source, staged = tmp_path / "source", tmp_path / "rows.arrow"
    source.write_bytes(b"id,name\n1,a\n")

    with pytest.raises(FileNotFoundError):
        read_file(
            source,
            ReadRequest(
                contract=a_contract(),
                staged=staged,
                rejects=tmp_path / "no such folder" / "rejects.arrow",
                max_rejected=ANY,
            ),
        )

    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


def test_a_held_file_leaves_no_older_rows_behind(tmp_path):
    read(tmp_path, b"id,name\n1,a\nbad\n")

    held = read(tmp_path, b"other\n1\n")

    assert (held.rows, held.rejects) == (None, [])


def test_batches_are_bounded_and_lose_nothing_between_them(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "BATCH_ROWS", 3)
    monkeypatch.setattr(staging, "BATCH_BYTES", 40)
    data = b"id,name\n" + b"".join(b"%d,%s\nbad\n" % (number, b"x" * number) for number in range(20))

    outcome = read(tmp_path, data)

    with open_rows(tmp_path / "rows.arrow") as stream:
        assert max(len(batch) for batch in stream) <= 3
    assert outcome.rows == [(str(number), "x" * number, 2 + 2 * number) for number in range(20)]
    assert [each.line for each in outcome.rejects] == [3 + 2 * number for number in range(20)]


def test_rows_can_be_opened_twice(tmp_path):
    first = read(tmp_path, b"id,name\n1,a\n").rows

    assert staged_rows(tmp_path / "rows.arrow") == first == [("1", "a", 2)]


@pytest.mark.slow
def test_a_cell_of_ten_megabytes_is_a_cell(tmp_path):
    cell = 'x,\n""' * 2_000_000

    outcome = read(tmp_path, b'id,name\n1,"' + cell.encode() + b'"\n2,b\n')

    assert outcome.rows == [("1", 'x,\n"' * 2_000_000, 2), ("2", "b", 2_000_003)]


@pytest.mark.slow
def test_ten_thousand_columns_are_read(tmp_path):
    names = [f"c{number}" for number in range(10_000)]
    row = [str(number) for number in range(10_000)]
    data = "\n".join([",".join(names), ",".join(row), ",".join(row[1:]), ",".join(row)]).encode()

    outcome = read(tmp_path, data, a_contract(*names))

    assert outcome.rows == [(*row, 2), (*row, 4)]
    assert [each.reason for each in outcome.rejects] == [RejectReason.WIDTH]


def test_the_raw_bytes_of_a_reject_survive_staging(tmp_path: Path):
    raw = 'é,"\0",\r,\n'.encode()

    outcome = read(tmp_path, b"id,name\n" + raw)

    assert outcome.rejects == [Reject(line=2, offset=8, raw=raw, reason=RejectReason.NUL)]
