"""What lets us in, and where to."""

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
        "deputy", JSON, comment="Whether the role trusts callers without the external id, when last tried."
    ),
    Column("acknowledged", JSON, comment="Who lives with that, why and since when."),
    Column("title", Text, comment="What people call it, where it was made on the page."),
    Column(
        "owner", Text, comment="The user who made it for themselves; unset: a file, a command, or for others."
    ),
    Column("shared", JSON, comment="With whom an administrator shared it."),
    Column("examined", JSON, comment="What the doctor last found, and when."),
    time("made_at", nullable=False),
    time("deleted_at"),
)

destinations = Table(
    "destinations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("project", Text),
    Column("settings", JSON, nullable=False),
    time("made_at", nullable=False),
    time("deleted_at"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    time("made_at", nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="decrypt or signer."),
    Column("fingerprint", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("public", Text, nullable=False, comment="Armoured; a private part rests among the secrets."),
    time("made_at", nullable=False),
    time("expires_at"),
)
