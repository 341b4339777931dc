"""Servers that many tests share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgresql import Postgresql, running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """Started with the first test that needs it.

    Not below pytest's own folder: every pytest that starts closes that one to other users, and under root the
    server is another user.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bucketlift-postgresql-") as folder,
        running(Path(folder) / "data") as server,
    ):
        yield server
