"""The table of accounts that users are creating on the page."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

begun_accounts = Table(
    "begun_accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("maker", Text, nullable=False, comment="The user who is creating the account."),
    Column("for_others", Boolean, nullable=False, comment="An administrator creates it for other users."),
    Column(
        "external_id",
        Text,
        nullable=False,
        comment="Shown before the role exists, and used by the account later.",
    ),
    Column("told", JSON, nullable=False, comment="The user's input so far."),
    time("made_at", nullable=False),
)
"""Accounts that a user has started to create on the page but has not connected yet."""
