"""A schema of its own for each test."""

from __future__ import annotations

import pytest

from integration.postgresql.warehouse import a_warehouse


@pytest.fixture(scope="session")
def database(postgresql):
    return postgresql.database()


@pytest.fixture
def warehouse(database):
    return a_warehouse(database)
