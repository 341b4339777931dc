"""Builds an installation from its settings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bucketlift.bootstrap.clock import LedgerClock, SystemClock
from bucketlift.bootstrap.codecs import Codecs
from bucketlift.bootstrap.connections import Connections
from bucketlift.bootstrap.engine import Engines
from bucketlift.bootstrap.ledger import open_database
from bucketlift.engine.worker.processes import Processes
from bucketlift.errors import RequestWrong
from bucketlift.ledger.ledger import Ledger
from bucketlift.ports import Clock
from bucketlift.service.core.app import App
from bucketlift.settings import Settings
from bucketlift.vault import Vault


@contextmanager
def open_app(settings: Settings, *, any_key: bool = False) -> Iterator[App]:
    """Open an installation. If its home does not exist, create it.

    ``any_key``: also accept a key file that cannot decrypt the secrets, for commands that repair this.

    Raises:
        NotAvailable: a setting of a later version is set.
        RequestWrong: the ledger was written by a newer version, or a worker of an older version uses it.
        SecretUnreadable: there are secrets, but the key file does not exist, is readable by others, or has other keys.
    """
    settings.require_available()
    _make(settings.home)
    here = Processes(settings.home / "workers") if settings.database_url is None else None
    ledger = Ledger.of(open_database(settings, here), here)
    try:
        vault = Vault(ledger.secrets, settings.key_file or settings.home / "key")
        if not any_key:
            vault.check_key()
        connections = Connections(
            ledger.catalog, ledger.sharings, vault, ledger.keys, ledger.installation, settings
        )
        try:
            yield _app(settings, ledger, vault, connections)
        finally:
            connections.close()
    finally:
        ledger.database.close()


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise RequestWrong(
            f"The home cannot be created ({error.strerror})",
            to=str(home),
            hint="Set BUCKETLIFT_HOME to a folder that you may write to.",
        ) from error
    _have_temporary(home)


def _have_temporary(home: Path) -> None:
    """Keep temporary files in the home if no other folder is writable, as in a read-only container."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        folder = home / "temporary"
        folder.mkdir(exist_ok=True, mode=0o700)
        tempfile.tempdir = str(folder)
        os.environ["TMPDIR"] = str(folder)  # for gpg and for SQLite


def _app(settings: Settings, ledger: Ledger, vault: Vault, connections: Connections) -> App:
    clock: Clock = SystemClock() if settings.database_url is None else LedgerClock(ledger.database.now)
    engines = Engines(
        ledger=ledger,
        connections=connections,
        codecs=Codecs(ledger.keys, vault, settings, clock),
        clock=clock,
        settings=settings,
    )
    return App(
        home=settings.home,
        ledger=ledger,
        clock=clock,
        vault=vault,
        connections=connections,
        doctor=connections.examine,
        services=engines.services,
        engine=engines.engine,
        session_limits=settings.session_limits(),
        public_url=settings.public_url,
        mail=settings.mail_server(),
        aws_account_id=settings.aws_account_id,
        keep_history_days=settings.keep_history_days,
        allow_ambient_aws=settings.allow_ambient_aws,
        allowed_endpoints=settings.endpoints(),
        allowed=settings.allow_lists(),
        worker=settings.worker,
        is_fleet=settings.database_url is not None,
    )
