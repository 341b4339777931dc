"""The tables of accounts, destinations, secrets and keys."""

from __future__ import annotations

from sqlalchemy import JSON, Column, LargeBinary, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("project", Text),
    Column("settings", JSON, nullable=False),
    Column("external_id", Text, nullable=False),
    Column(
        "deputy", JSON, comment="The last test of whether the role trusts callers without the external ID."
    ),
    Column("acknowledged", JSON, comment="Who accepted this risk, why and when."),
    Column("title", Text, comment="The title, if the account was created on the page."),
    Column(
        "owner",
        Text,
        comment="The user who created it for themselves; unset if created by a file, a command, or for others.",
    ),
    Column("shared", JSON, comment="The users with whom an administrator shared it."),
    Column("examined", JSON, comment="The doctor's last findings and their time."),
    time("made_at", nullable=False),
    time("deleted_at"),
)
"""Accounts, from which files are read. A deleted account keeps its name and external ID."""

destinations = Table(
    "destinations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("project", Text),
    Column("settings", JSON, nullable=False),
    time("made_at", nullable=False),
    time("deleted_at"),
)
"""Destinations, into which files are loaded."""

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    time("made_at", nullable=False),
)
"""Secrets by name, encrypted with the key of the installation."""

keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="decrypt or signer."),
    Column("fingerprint", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column(
        "public",
        Text,
        nullable=False,
        comment="In ASCII armor; a private part is stored in the table secrets.",
    ),
    time("made_at", nullable=False),
    time("expires_at"),
)
"""PGP keys by name, without their private parts."""
