"""Accounts that people are making on the page."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

begun_accounts = Table(
    "begun_accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("maker", Text, nullable=False, comment="The user who is making it."),
    Column("for_others", Boolean, nullable=False, comment="An administrator's, to be shared."),
    Column(
        "external_id", Text, nullable=False, comment="Shown before the role exists; the account keeps it."
    ),
    Column("told", JSON, nullable=False, comment="What the person has said so far."),
    time("made_at", nullable=False),
)
