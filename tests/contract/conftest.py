"""Every destination in turn; the fake comes first."""

from __future__ import annotations

import pytest

from contract.destinations import duckdb_file, memory, postgresql_schema, sqlite_file


@pytest.fixture(scope="session")
def postgresql_database(postgresql):
    return postgresql.database()


@pytest.fixture(
    params=[memory, duckdb_file, sqlite_file, postgresql_schema], ids=lambda maker: maker.__name__
)
def destination(request, tmp_path):
    if request.param is postgresql_schema:
        return postgresql_schema(request.getfixturevalue("postgresql_database"))
    return request.param(tmp_path)
