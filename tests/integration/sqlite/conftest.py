"""A SQLite file, its loader, and a person at work in it."""

from __future__ import annotations

import pytest

from bucketlift.loaders.sqlite import SqliteLoader
from contract.destinations import person_in_sqlite, sqlite_file


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
    return person_in_sqlite(file)
