"""Servers that many tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postgresql import Postgresql, running


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgresql]:
    """Started with the first test that needs it."""
    with running(tmp_path_factory.mktemp("postgresql") / "data") as server:
        yield server
