"""Every destination in turn; the fake comes first."""

from __future__ import annotations

import pytest

from bucketlift.loaders.duckdb.table_reader import DuckdbTableReader
from bucketlift.loaders.postgresql.table_reader import PostgresqlTableReader
from bucketlift.loaders.sqlite.table_reader import SqliteTableReader
from contract.destinations import duckdb_file, memory, postgresql_schema, sqlite_file
from contract.directories import in_postgresql, in_sqlite


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


@pytest.fixture(params=[duckdb_file, sqlite_file, postgresql_schema], ids=lambda maker: maker.__name__)
def database(request, tmp_path):
    """A destination with tables, and its reader."""
    if request.param is postgresql_schema:
        found = postgresql_schema(request.getfixturevalue("postgresql_database"))
        loader = found.loader
        return found, PostgresqlTableReader(loader._url, loader._schema)
    found = request.param(tmp_path)
    reader = DuckdbTableReader if request.param is duckdb_file else SqliteTableReader
    return found, reader(found.loader.path)


@pytest.fixture(params=[in_sqlite, in_postgresql], ids=lambda maker: maker.__name__)
def directory(request, tmp_path):
    if request.param is in_postgresql:
        return in_postgresql(request.getfixturevalue("postgresql_database"))
    return request.param(tmp_path)
