"""Checks which versions of Bucketlift use a ledger, because the tables fit only one version at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import LedgerUpgraded, RequestWrong
from bucketlift.ledger.migrations import HEAD
from bucketlift.model.worker import STALE

_NEWER = sa.text("SELECT version_num FROM alembic_version WHERE version_num > :head")


def own_version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow to import

    return version("bucketlift")


def refuse_newer(connection: sa.Connection, *, ledger: str) -> None:
    """Refuse a ledger that a newer version has migrated.

    Call this in each writing transaction, because a process that was frozen during an upgrade does not know
    about the upgrade.

    Raises:
        LedgerUpgraded: the ledger has a newer revision.
    """
    found = connection.scalar(_NEWER, {"head": HEAD})
    if found is None:
        return
    known = {str(each["version"]) for each in _workers(connection) if each.get("version")}
    versions = sorted(known - {own_version()})
    written_by = f" {', '.join(versions)}" if versions else ""
    raise LedgerUpgraded(
        f"This ledger was written by a newer Bucketlift{written_by}: it is at revision {found}, and "
        f"version {own_version()}, which runs here, knows revisions up to {HEAD}",
        to=ledger,
        hint="Install the newer version here too, or restore a backup made by this version into another database.",
    )


def refuse_live_workers(
    connection: sa.Connection, found: str, alive: Callable[[str], bool] | None, *, ledger: str
) -> None:
    """Refuse to migrate the tables while a worker of an older version is running.

    ``alive`` returns whether the kernel reports a worker as running. Without ``alive``, a worker with a
    recent heartbeat counts as running.

    Raises:
        RequestWrong: a worker of an older version is running.
    """
    live = [each for each in _workers(connection) if _is_live(connection, each, alive)]
    if not live:
        return
    raise RequestWrong(
        f"The ledger {ledger} must be upgraded from revision {found} to {HEAD} for version {own_version()}, "
        "and a worker of an older version still works with it",
        to=", ".join(_named(each) for each in live),
        hint=f"Stop this worker first, and try again. A killed worker counts as running for {STALE.seconds} seconds.",
    )


def _named(worker: dict[str, Any]) -> str:
    version = worker.get("version")
    known = f"version {version}" if version else "a version that does not record itself"
    return f"{worker['name']} ({worker['kind']}, process {worker['id']} on {worker['host']}, {known})"


def _is_live(connection: sa.Connection, worker: dict[str, Any], alive: Callable[[str], bool] | None) -> bool:
    if alive is not None:
        return alive(str(worker["id"]))
    now = connection.scalar(sa.select(sa.func.clock_timestamp()))
    return bool(now is not None and abs(now - worker["beat_at"]) < STALE)


def _workers(connection: sa.Connection) -> list[dict[str, Any]]:
    """Read the rows of workers, with only the columns that the tables have at the ledger's revision."""
    if not sa.inspect(connection).has_table("workers"):
        return []
    return [dict(row) for row in connection.execute(sa.text("SELECT * FROM workers")).mappings()]
