"""Opens the installation for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bucketlift.service.app import App


@contextmanager
def installation() -> Iterator[App]:
    """Settings come from the environment; the home is made where it is absent.

    Raises:
        RequestWrong: a setting is wrong.
    """
    from bucketlift.bootstrap import open_app
    from bucketlift.settings import read_settings

    with open_app(read_settings()) as app:
        yield app
