"""Migrations of the ledger's tables. Their numbers give the order."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

HEAD = "0013"


def load() -> None:
    """Import Alembic, which can take seconds.

    Call this before the transaction starts, because the server ends idle transactions.
    """
    import alembic.command  # noqa: F401, PLC0415 - needed only when a migration is missing


def upgrade(connection: sa.Connection) -> None:
    """Run all missing migrations in the open transaction."""
    from alembic import command  # noqa: PLC0415 - slow to import, and needed only when a migration is missing
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
