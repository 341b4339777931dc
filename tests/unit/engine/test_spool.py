"""The spool keeps rows of small files in memory as long as there is room."""

from __future__ import annotations

import pyarrow as pa

from bucketlift.engine.context.spool import Spool
from bucketlift.model.claim import ClaimId

FIRST, SECOND = ClaimId("first"), ClaimId("second")
ROWS = pa.RecordBatch.from_pydict({"id": ["1", "2"]})


def rows(spool: Spool, claim: ClaimId) -> list[dict[str, str]]:
    with spool.rows(claim) as stream:
        return [row for batch in stream for row in batch.to_pylist()]


def test_rows_are_kept_without_a_file_while_there_is_room(tmp_path):
    spool = Spool(tmp_path, in_memory=ROWS.nbytes)

    spool.keep(FIRST, ROWS)
    spool.keep(SECOND, ROWS)

    assert (rows(spool, FIRST), rows(spool, SECOND)) == (ROWS.to_pylist(), ROWS.to_pylist())
    assert list(tmp_path.iterdir()) == [spool.staged(SECOND)]


def test_what_is_dropped_leaves_its_room(tmp_path):
    spool = Spool(tmp_path, in_memory=ROWS.nbytes)
    spool.keep(FIRST, ROWS)
    spool.keep(SECOND, ROWS)

    spool.drop(FIRST)
    spool.drop(SECOND)
    spool.keep(SECOND, ROWS)

    assert (spool.has(FIRST), spool.has(SECOND), list(tmp_path.iterdir())) == (False, True, [])


def test_a_file_kept_anew_takes_no_more_room(tmp_path):
    spool = Spool(tmp_path, in_memory=ROWS.nbytes)

    for _ in range(3):
        spool.keep(FIRST, ROWS)

    assert (rows(spool, FIRST), list(tmp_path.iterdir())) == (ROWS.to_pylist(), [])
