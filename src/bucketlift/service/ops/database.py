"""Backs up and restores the ledger, and ends the pause after a restore."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bucketlift.engine.loading.receipts_lost import lift, unexplained
from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.ledger.maintenance.backup import Backups
from bucketlift.ledger.maintenance.backup_file import Label
from bucketlift.ledger.migrations import HEAD
from bucketlift.ledger.people.installation import Installation
from bucketlift.model.load import Receipt
from bucketlift.model.pause import Pause
from bucketlift.service.core.app import App


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownReceipts:
    """Receipts of a destination that the ledger does not know."""

    destination: str
    since: datetime
    lost: tuple[Receipt, ...] = ()
    error: BucketliftError | None = None
    """Why the destination could not be read; None if it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    ledger: str
    revision: str
    installation: str
    pause: Pause | None
    destinations: tuple[UnknownReceipts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    label: Label
    paused: bool
    key: BucketliftError | None
    """Why the key file cannot decrypt the secrets of the backup; None if it can."""


def back_up(app: App, path: Path) -> Label:
    """Write a backup of the ledger to a new file. Other processes can use the ledger in the meantime."""
    return Backups(app.ledger.database).write(path, now=app.now())


def status(app: App) -> Status:
    """The state of the outbox, and the receipts in destinations that the ledger does not know."""
    pause = app.ledger.pauses.paused()
    names = app.ledger.catalog.destinations()
    return Status(
        ledger=app.ledger.database.name,
        revision=HEAD,
        installation=Installation(app.ledger.database).id(),
        pause=pause,
        destinations=tuple(_unknown_receipts(app, each, pause) for each in names),
    )


def confirm(app: App) -> tuple[Pause, tuple[UnknownReceipts, ...]]:
    """Resume the outbox, after a user has reviewed what the ledger lost.

    Raises:
        RequestWrong: the outbox is not paused.
    """
    pause = app.ledger.pauses.paused()
    if pause is None:
        raise RequestWrong(
            "The outbox is not paused", to=app.ledger.database.name, hint="There is nothing to confirm."
        )
    receipts = tuple(_unknown_receipts(app, each, pause) for each in app.ledger.catalog.destinations())
    seen = [receipt.committed_at for each in receipts for receipt in each.lost]
    app.ledger.pauses.resume(confirmed_until=max([app.now(), *seen]) + timedelta(seconds=1))
    return pause, receipts


def inspect(app: App, path: Path) -> Label:
    """The description of a backup: its version, time, installation and numbers of rows."""
    return Backups(app.ledger.database).inspect(path)


def is_in_use(app: App) -> bool:
    """Whether the ledger contains data that a restore would replace."""
    return bool(
        app.ledger.catalog.workflows()
        or app.ledger.catalog.accounts()
        or app.vault.names()
        or app.ledger.claims.find(limit=1)
    )


def restore(app: App, path: Path) -> Restored:
    """Replace the ledger with a backup. The outbox is paused, unless the ledger has lost nothing since the
    backup.
    """
    label = Backups(app.ledger.database, app.ledger.workers).restore(path, folder=app.home, now=app.now())
    loads = [load for flow in app.ledger.catalog.all() for load in flow.loads]
    lifted = lift(app.connections, app.ledger.pauses, app.ledger.catalog.destinations(), loads)
    try:
        app.vault.check_key()
    except BucketliftError as error:
        return Restored(label=label, paused=not lifted, key=error)
    return Restored(label=label, paused=not lifted, key=None)


def _unknown_receipts(app: App, destination: str, pause: Pause | None) -> UnknownReceipts:
    since = pause.look_from if pause else app.ledger.pauses.look_from(destination)
    try:
        lost = unexplained(app.connections, app.ledger.pauses, destination, since)
    except BucketliftError as error:
        return UnknownReceipts(destination=destination, since=since, error=error)
    return UnknownReceipts(destination=destination, since=since, lost=lost)
