"""One browser, and one installation with the demo's data, per module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

import browser as real
from pages.staged import Staged, staged


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    if real.ABSENT:
        pytest.skip(real.WHY)
    with real.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def stage(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    # After the browser: without one, nothing is played.
    with staged(tmp_path_factory.mktemp("stage")) as found:
        yield found
