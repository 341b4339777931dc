"""Files of one zip: each is framed by itself, and lines, offsets and counts go through."""

from __future__ import annotations

import pyarrow as pa
import pytest

from bucketlift.model.contract import Contract, Dialect, Field
from bucketlift.model.hold import HeldReason
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.transforms.row_checks import RowChecks, UpsertKey
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.staging import open_rejects
from bucketlift.tabular.read.parts import read_parts
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest

CONTRACT = Contract(fields=(Field(name="id"), Field(name="name")))


@pytest.fixture
def read(tmp_path):
    """The reading, the rows with their lines, and the rejects."""

    def read(*parts, limit=RejectLimit(rows=0), contract=CONTRACT, keys=()):  # noqa: B008 - it is frozen
        paths = []
        for number, part in enumerate(parts):
            paths.append(tmp_path / f"part{number}")
            paths[-1].write_bytes(part)
        checks = RowChecks(keys=tuple(UpsertKey(fields=key) for key in keys))
        staged, rejects = tmp_path / "staged", tmp_path / "rejected"
        reading = read_parts(
            paths,
            ReadRequest(contract=contract, staged=staged, rejects=rejects, max_rejected=limit, checks=checks),
        )
        with pa.memory_map(str(staged)) as file, pa.ipc.open_file(file) as reader:
            rows = [tuple(row.values()) for row in reader.read_all().to_pylist()]
        return reading, rows, list(open_rejects(rejects))

    return read


def test_rows_follow_one_another_and_lines_count_through(read):
    reading, rows, _ = read(b"id,name\n1,Ann\n2,Ben", b"name,id\nCid,3\n", b"id,name\n\n4,Dee\n")

    assert rows == [("1", "Ann", 2), ("2", "Ben", 3), ("3", "Cid", 5), ("4", "Dee", 8)]
    assert (reading.rows, reading.rejected, reading.blank_lines, reading.hold) == (4, 0, 1, None)
    assert (
        reading.notes == ("File 2 of 3 in the zip: Columns are in another order",) or len(reading.notes) == 1
    )


def test_a_quote_left_open_in_one_file_does_not_reach_into_the_next(read):
    _, rows, rejects = read(b'id,name\n1,"Ann\n', b'id,name\n2,Ben\n3,Cid"\n', limit=RejectLimit(rows=9))

    assert rows == [("2", "Ben", 4)]
    assert rejects == [
        Reject(line=2, offset=8, raw=b'1,"Ann\n', reason=RejectReason.UNTERMINATED_QUOTE),
        Reject(line=5, offset=29, raw=b'3,Cid"\n', reason=RejectReason.BARE_QUOTE),
    ]


def test_each_file_must_meet_the_contract(read):
    reading, *_ = read(b"id,name\n1,Ann\n", b"id,surname\n2,Ben\n")

    assert reading.hold is not None
    assert reading.hold.what.startswith("File 2 of 2 in the zip: ")


def test_the_limit_of_rejects_is_for_the_whole(read):
    one_each = (b"id,name\n1\n2,Ben\n", b"id,name\n3\n4,Dee\n")

    within, *_ = read(*one_each, limit=RejectLimit(rows=2))
    beyond, *_ = read(*one_each, limit=RejectLimit(rows=1))

    assert (within.hold, within.rows, within.rejected) == (None, 2, 2)
    assert beyond.hold is not None
    assert beyond.hold.reason is HeldReason.TOO_MANY_REJECTS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp037", "gb18030"])
def test_lines_are_those_of_the_text_whatever_bytes_end_them(read, encoding):
    first = "id,name\n1,\u0a0a\u0b0a\r\n2,Ben"  # letters of whose bytes some are line feeds in UTF-16
    if encoding == "cp037":
        first = "id,name\n1,Ann\r\n2,Ben"
    contract = Contract(fields=CONTRACT.fields, dialect=Dialect(encoding=encoding))

    _, rows, _ = read(first.encode(encoding), "id,name\n3,Cid\n".encode(encoding), contract=contract)

    assert [row[2] for row in rows] == [2, 3, 5]


UPSERTED = (b"id,name\n1,Ann\n2,Ben\n3,Cid\n", b"name,id\nDee,4\nBenno,2\n", b"id,name\n5,Eve\n2,Bob\n,No\n")


def test_a_key_that_files_share_makes_rejects_of_its_rows_in_all_of_them(read):
    reading, rows, rejects = read(*UPSERTED, limit=RejectLimit(), keys=[("id",)])

    assert rows == [("1", "Ann", 2), ("3", "Cid", 4), ("4", "Dee", 6), ("5", "Eve", 9)]
    assert [(each.line, each.offset, each.raw, each.reason, each.field) for each in rejects] == [
        (3, 14, b"2,Ben\n", RejectReason.KEY_TWICE, "id"),
        (7, 40, b"Benno,2\n", RejectReason.KEY_TWICE, "id"),
        (10, 62, b"2,Bob\n", RejectReason.KEY_TWICE, "id"),
        (11, 68, b",No\n", RejectReason.KEY_EMPTY, "id"),
    ]
    assert (reading.rows, reading.rejected, reading.hold) == (4, 4, None)


def test_keys_of_files_in_another_encoding_are_compared_by_their_text(read):
    contract = Contract(fields=CONTRACT.fields, dialect=Dialect(encoding="utf-16-le"))
    wide = [part.decode().encode("utf-16-le") for part in UPSERTED]

    _, rows, rejects = read(*wide, limit=RejectLimit(), keys=[("id",)], contract=contract)

    assert [row[2] for row in rows] == [2, 4, 6, 9]
    assert [(each.line, each.offset, each.raw.decode("utf-16-le")) for each in rejects] == [
        (3, 28, "2,Ben\n"),
        (7, 80, "Benno,2\n"),
        (10, 124, "2,Bob\n"),
        (11, 136, ",No\n"),
    ]


def test_files_without_a_key_twice_are_read_once(read, monkeypatch):
    begun = []

    def counted(path, request):
        begun.append(path)
        return read_file(path, request)

    monkeypatch.setattr("bucketlift.tabular.read.parts.read_file", counted)

    reading, *_ = read(b"id,name\n1,Ann\n", b"id,name\n2,Ben\n", keys=[("id",)])

    assert (reading.rows, reading.rejected, len(begun)) == (2, 0, 2)


def test_a_row_that_breaks_off_and_a_key_twice_stand_in_the_file_s_order(read):
    _, rows, rejects = read(
        b"id,name\n1\n2,Ben\n3\n", b"id,name\n2,Bob\n4\n", limit=RejectLimit(), keys=[("id",)]
    )

    assert rows == []
    assert [(each.line, each.reason) for each in rejects] == [
        (2, RejectReason.WIDTH),
        (3, RejectReason.KEY_TWICE),
        (4, RejectReason.WIDTH),
        (6, RejectReason.KEY_TWICE),
        (7, RejectReason.WIDTH),
    ]


def test_files_with_columns_in_one_order_have_one_verdict(read):
    reading, *_ = read(b"name,id\nAnn,1\n", b"name,id\nBen,2\n")

    assert (reading.verdict.positions, reading.verdict.width) == ((1, 0), 2)


@pytest.mark.parametrize("last", [b"id,name\n3,Cid\n", b"name,id\nCid,3\n"])
def test_files_with_columns_in_different_orders_have_no_verdict_to_split_their_rejects_by(read, last):
    reading, *_ = read(b"id,name\n1,Ann\n", b"name,id\nBen,2\n", last)

    assert (reading.rows, reading.hold, reading.verdict) == (3, None, None)
