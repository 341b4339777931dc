"""A file of 4 GB is read in little memory, with lines and offsets beyond 32 bits: BUCKETLIFT_HUGE=4."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.measuring import measure

GIB = int(os.environ.get("BUCKETLIFT_HUGE", "0"))
HEADER = b"id,name,note\n"
ROWS = b"".join(b'%07d,"Ann, of the north",%s\n' % (row, b"y" * 60) for row in range(10_000))
LAST = b"7777777,too few\n8888888,last,one\n"
READ = """
import sys, bucketlift
reading = bucketlift.read_file(sys.argv[1], max_rejected=1)
last = reading.rows.slice(len(reading.rows) - 1).to_pylist()
print(len(reading.rows), [(each.line, each.offset) for each in reading.rejects], reading.lines[-1], last)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3000),
    pytest.mark.skipif(not GIB, reason="takes minutes: BUCKETLIFT_HUGE=4 makes a file of 4 GiB"),
]


@pytest.fixture
def huge(tmp_path: Path) -> tuple[Path, int, int]:
    """The file, its good rows, and where the bad one begins."""
    path, times = tmp_path / "huge.csv", GIB * 2**30 // len(ROWS) + 1
    with path.open("wb") as file:
        file.write(HEADER)
        for _ in range(times):
            file.write(ROWS)
        file.write(LAST)
    return path, times * 10_000 + 1, len(HEADER) + times * len(ROWS)


def test_a_huge_file_is_read_and_checked_in_little_memory(tmp_path, huge):
    path, rows, offset = huge
    (tmp_path / "sample.csv").write_bytes(HEADER)
    command = Path(sys.executable).with_name("bucketlift")
    checks = [command, "check", path, "--sample", "sample.csv", "--max-rejected", "1"]

    read, checked = (
        measure(each, environment=os.environ, folder=tmp_path, limit=1400)
        for each in ([sys.executable, "-c", READ, path], checks)
    )

    last = [{"id": "8888888", "name": "last", "note": "one"}]
    assert read.out == f"{rows} [({rows + 1}, {offset})] {rows + 2} {last}\n"
    assert f"good; {rows:,} rows, 1 rejects" in checked.out
    assert f"line {rows + 1}, byte {offset}: wrong-width" in checked.out
    assert max(read.own, checked.own) < 500
