"""What was legally written comes back; ``make fuzz`` tries very many more tables."""

from __future__ import annotations

from random import Random

import pytest

from pollution.round_trip import differences, written

TABLES = 300


@pytest.mark.slow
def test_random_tables_come_back_as_they_were_written():
    assert list(differences(TABLES, seed=4)) == []


@pytest.mark.slow
def test_random_tables_hold_what_is_hard_to_read():
    files = [written(Random(seed)) for seed in range(300)]  # noqa: S311 - the same tables each time

    seen = {
        mark
        for each in files
        for mark in (b"\r\n", b"\r", b"\xef\xbb\xbf", b'"', b"''", b"\t", b"\n\n")
        if mark in each.data
    }
    assert len(seen) == 7
    assert {each.table.width for each in files} >= {1, 2, 17}
    assert any(not each.data.endswith(b"\n") for each in files)
