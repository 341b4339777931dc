"""Files of one upsert unit and the same files in units of their own come to the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bucketlift.model.load import Lineage, WriteMode
from budgets import examples
from contract.destinations import (
    a_file,
    a_target,
    a_unit,
    counts,
    duckdb_file,
    memory,
    postgresql_schema,
    sqlite_file,
)

UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",), lineage=Lineage.AUTO)
FILES = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "x", "y"]), max_size=4),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@pytest.mark.parametrize("maker", [duckdb_file, sqlite_file, postgresql_schema])
@given(before=FILES, files=FILES)
@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_files_of_one_unit_count_and_end_as_if_loaded_one_after_the_other(
    postgresql_database, maker, before, files
):
    directory = Path(tempfile.mkdtemp())
    place = postgresql_database if maker is postgresql_schema else directory
    together, apart = maker(place), memory(directory)
    earlier = [f"before-{place}" for place in range(len(before))]
    names = [f"load-{place}" for place in range(len(files))]

    for lookout in (together, apart):
        lookout.load(a_unit(*earlier, target=UPSERT), *(a_file(*rows.items()) for rows in before))
    at_once = together.load(a_unit(*names, target=UPSERT), *(a_file(*rows.items()) for rows in files))
    one_by_one = [
        apart.load(a_unit(name, target=UPSERT), a_file(*rows.items()))[0]
        for name, rows in zip(names, files, strict=True)
    ]
    tables = [lookout.table("people") for lookout in (together, apart)]
    shutil.rmtree(directory)

    assert counts(at_once) == counts(one_by_one)
    assert tables[0] == tables[1]
