"""The page of an installation whose operator allows a folder and a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from visitors import Page, opened


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


@pytest.fixture
def page(tmp_path: Path, exports: Path) -> Iterator[Page]:
    with opened(
        tmp_path / "home",
        allowed_folders=str(exports),
        allowed_hosts="hooks.example.com:443,127.0.0.1:9",
        allowed_databases="warehouse.example:5432",
        allowed_platforms="http://127.0.0.1:9",
    ) as page:
        yield page
