"""Opens the ledger that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bucketlift.settings import Settings

if TYPE_CHECKING:
    from bucketlift.ledger.db.database import Database
    from bucketlift.ledger.runs.workers import Processes


def revision(settings: Settings) -> str | None:
    """The revision of the ledger's tables before the ledger is opened and migrated; None if there is no
    ledger.
    """
    from bucketlift.ledger.db.revision import of_file, of_url

    if settings.database_url is None:
        return of_file(settings.home / "ledger.sqlite")
    return of_url(settings.database_url.get_secret_value())


def open_database(settings: Settings, processes: Processes | None) -> Database:
    """Open the database of the fleet if the settings name one, otherwise the database in the home.

    ``processes``: the worker processes of this machine, which share the home's database.
    """
    if settings.database_url is None:
        from bucketlift.ledger.db.sqlite import open_file

        alive = (lambda _: False) if processes is None else processes.alive
        return open_file(settings.home / "ledger.sqlite", alive)
    from bucketlift.ledger.db.postgresql import open_url

    return open_url(settings.database_url.get_secret_value())
