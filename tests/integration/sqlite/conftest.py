"""A SQLite file, its loader, and a person at work in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bucketlift.loaders.sqlite import SqliteLoader
from contract.destinations import sqlite_file


@pytest.fixture
def file(tmp_path):
    return tmp_path / "warehouse.sqlite"


@pytest.fixture
def destination(tmp_path):
    return sqlite_file(tmp_path)


@pytest.fixture
def loader(file):
    return SqliteLoader(file, installation="ours", wait=0.0)


@pytest.fixture
def person(file):
    def execute(sql):
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            found = []
            for statement in sql.split("; "):
                found = connection.execute(statement).fetchall()
            return found

    return execute
