"""Brings a ledger's tables to what this version expects. Revisions are numbered, so that order is plain."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

HEAD = "0006"


def load() -> None:
    """Import Alembic, which may take seconds: before a transaction, for the server ends one that is idle for long."""
    import alembic.command  # noqa: F401, PLC0415 - needed only when a migration is missing


def upgrade(connection: sa.Connection) -> None:
    """Run every migration the ledger lacks, in the transaction that is open."""
    from alembic import command  # noqa: PLC0415 - slow to import, and needed only when something is missing
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
