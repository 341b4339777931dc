"""Servers that many tests share."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import botocore_names
import budgets
import compiled_statements
import ledger_template
import quick_passwords
from bucketlift.model.user import Role
from postgresql import Postgresql, running

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from visitors import Page

budgets.load_profile()

LONGEST = (
    "tests/e2e/test_fleet.py",
    "tests/crash/",
    "tests/e2e/page/",
    "tests/e2e/",
    "tests/integration/benchmarks/",
    "tests/integration/web/",
    "tests/contract/",
    "tests/integration/",
    "tests/architecture/",
    "tests/pollution/",
)
"""Modules that take long start first, so that at the end no process works alone."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Millions of objects of tests and modules stay until the end, so garbage is not looked for among them."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.set_threshold(
        10_000, 20, 20
    )  # tests leave little: a fourteenth of their time was spent in looking for more
    gc.enable()
    return collected


def pytest_unconfigure() -> None:
    gc.unfreeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors: many tests wait for a server, a browser or another process."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)  # after the random order
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def quick_ledgers() -> Iterator[None]:
    """Ledgers that tests make in this process. Commands in processes of their own run the migrations."""
    with ledger_template.upgrading_by(ledger_template.upgrade):
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_statements() -> Iterator[None]:
    """Statements are compiled once in this process."""
    with compiled_statements.compiling_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_names() -> Iterator[None]:
    """Botocore translates the names of its events once in this process."""
    with botocore_names.translated_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Hashes of passwords in this process. Commands in processes of their own make real ones."""
    with quick_passwords.hashing_by(quick_passwords.CHEAP):
        yield


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


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """The page of an installation in a home of its own. ``page.app`` is for services."""
    from visitors import opened  # noqa: PLC0415 - most tests need no page

    with opened(tmp_path / "home") as found:
        yield found


@pytest.fixture
def client(page: Page) -> TestClient:
    """A browser of an administrator."""
    return page.browser(Role.ADMINISTRATOR)


@pytest.fixture
def as_viewer(page: Page) -> TestClient:
    return page.browser(Role.VIEWER)


@pytest.fixture
def as_operator(page: Page) -> TestClient:
    return page.browser(Role.OPERATOR)


@pytest.fixture
def as_editor(page: Page) -> TestClient:
    return page.browser(Role.EDITOR)


@pytest.fixture
def stranger(page: Page) -> TestClient:
    """A browser that nobody signed in with."""
    return page.stranger()
