"""Who signs in, their browsers, and what is known of those who tried."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import Words, metadata, time

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, comment="As it was written when the person was added."),
    Column("folded", Text, nullable=False, unique=True, comment="The name, whatever its case."),
    Column("role", Text, nullable=False),
    Column("password", Text, comment="An Argon2 hash; none before the person chose a password."),
    time("made_at", nullable=False),
    time("signed_in_at"),
    time("disabled_at"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token", Text, nullable=False, unique=True, comment="A hash: only the browser knows the token."),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    Column("browser", Words, nullable=False, comment="As it called itself at sign-in."),
    Column("address", Text, nullable=False),
    time("made_at", nullable=False),
    time("seen_at", nullable=False),
    Index("sessions_by_user", "user"),
)

links = Table(
    "links",
    metadata,
    Column("token", Text, primary_key=True, comment="A hash of what the link carries."),
    Column("user", Text, ForeignKey("users.id"), comment="Whom it lets in; nobody's: who sets up."),
    Column("asks_password", Boolean, nullable=False, comment="Whether a password is chosen with it."),
    time("made_at", nullable=False),
    time("ends_at"),
    Index("links_by_user", "user"),
)

tries = Table(
    "tries",
    metadata,
    Column("of", Text, primary_key=True, comment="A hash of the name or the address."),
    Column("failed", Integer, nullable=False, comment="Sign-ins in a row."),
    time("last_at", nullable=False),
)
