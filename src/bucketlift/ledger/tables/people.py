"""The tables of users, sessions, sign-in links and failed sign-ins."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import Words, metadata, time

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, comment="The name as entered."),
    Column("folded", Text, nullable=False, unique=True, comment="The name in case-folded form."),
    Column("role", Text, nullable=False),
    Column("password", Text, comment="An Argon2 hash; null before a password is chosen."),
    time("made_at", nullable=False),
    time("signed_in_at"),
    time("disabled_at"),
)
"""People who can sign in to the page."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "token",
        Text,
        nullable=False,
        unique=True,
        comment="A hash of the token; only the browser has the token.",
    ),
    Column("user", Text, ForeignKey("users.id"), nullable=False),
    Column("browser", Words, nullable=False, comment="From the user agent at sign-in."),
    Column("address", Text, nullable=False),
    time("made_at", nullable=False),
    time("seen_at", nullable=False),
    Index("sessions_by_user", "user"),
)
"""Sessions of signed-in browsers."""

links = Table(
    "links",
    metadata,
    Column("token", Text, primary_key=True, comment="A hash of the link's token."),
    Column(
        "user", Text, ForeignKey("users.id"), comment="The user who can sign in; null for the set-up link."
    ),
    Column("asks_password", Boolean, nullable=False, comment="The user must choose a password."),
    time("made_at", nullable=False),
    time("ends_at"),
    Index("links_by_user", "user"),
)
"""One-time links to sign in or to create the first administrator."""

tries = Table(
    "tries",
    metadata,
    Column("of", Text, primary_key=True, comment="A hash of the name or the address."),
    Column("failed", Integer, nullable=False, comment="Consecutive failed sign-ins."),
    time("last_at", nullable=False),
)
"""Failed sign-ins, by name and by address."""
