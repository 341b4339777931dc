"""Files of one zip: each is framed by itself, and lines, offsets and counts go through."""

from __future__ import annotations

import pyarrow as pa
import pytest

from bucketlift.model.contract import Contract, Field, HeldReason
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.parts import read_parts
from bucketlift.tabular.staging import open_rejects

CONTRACT = Contract(fields=(Field(name="id"), Field(name="name")))


@pytest.fixture
def read(tmp_path):
    """The reading, the rows with their lines, and the rejects."""

    def read(*parts, limit=RejectLimit(rows=0)):  # noqa: B008 - it is frozen
        paths = []
        for number, part in enumerate(parts):
            paths.append(tmp_path / f"part{number}")
            paths[-1].write_bytes(part)
        staged, rejects = tmp_path / "staged", tmp_path / "rejected"
        reading = read_parts(paths, contract=CONTRACT, staged=staged, rejects=rejects, max_rejected=limit)
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
