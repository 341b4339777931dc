"""Opens the installation for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bucketlift.cli import output

if TYPE_CHECKING:
    from bucketlift.service.core.app import App


@contextmanager
def installation(*, any_key: bool = False) -> Iterator[App]:
    """Open the installation. Settings are read from the environment, and the home is created if it is
    missing.

    With ``any_key``, a key file that cannot decrypt the stored secrets is accepted.

    Raises:
        RequestWrong: a setting is wrong.
        SecretUnreadable: the key file cannot decrypt the stored secrets.
    """
    from bucketlift.bootstrap import open_app
    from bucketlift.logs import log
    from bucketlift.settings import read_settings

    if not log.is_configured:
        # Standard output contains only the command's result.
        log.to_stderr(as_json=output.logs_json())
    with open_app(read_settings(), any_key=any_key) as app:
        yield app
