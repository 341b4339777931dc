"""Ordinary users, also where the tests run as root."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def without_rights():
    """An ordinary user's rights also where the tests run as root, whom no mode stops."""

    def give_up(*paths):
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, NOBODY, NOBODY)
            os.seteuid(NOBODY)

    user = os.geteuid()
    yield give_up
    os.seteuid(user)


@pytest.fixture
def open_directory():
    """One that every user can go through, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)
