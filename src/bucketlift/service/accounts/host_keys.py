"""Fetches the key of an SFTP server, so that a user can compare its fingerprint and accept it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bucketlift.service.core.allowed import require_server
from bucketlift.service.core.app import App

if TYPE_CHECKING:
    from bucketlift.stores.host_keys import HostKey


def fetch(app: App, host: str, port: int) -> HostKey:
    """The key that a server shows now. The user has to compare it, because another server may pretend to be this one.

    Raises:
        RequestWrong: the operator does not allow the server.
        StoreUnavailable: the server does not answer.
    """
    from bucketlift.stores.host_keys import fetch_host_key  # noqa: PLC0415 - only for SFTP

    require_server(host, port, app.allowed)
    return fetch_host_key(host, port)
