"""Opens the installation for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bucketlift.service.app import App


@contextmanager
def installation(*, any_key: bool = False) -> Iterator[App]:
    """Settings come from the environment; the home is made where it is absent.

    ``any_key``: also with a key file that does not open what is sealed.

    Raises:
        RequestWrong: a setting is wrong.
        SecretUnreadable: the key file does not open what is sealed.
    """
    from bucketlift.bootstrap import open_app
    from bucketlift.settings import read_settings

    with open_app(read_settings(), any_key=any_key) as app:
        yield app
