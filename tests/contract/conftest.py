"""Every destination in turn; the fake comes first."""

from __future__ import annotations

import pytest

from contract.destinations import duckdb_file, memory, sqlite_file


@pytest.fixture(params=[memory, duckdb_file, sqlite_file], ids=["memory", "duckdb", "sqlite"])
def destination(request, tmp_path):
    return request.param(tmp_path)
