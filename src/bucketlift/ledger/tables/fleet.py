"""The tables of the installation, its workers, leases and slots."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, LargeBinary, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

installation = Table(
    "installation",
    metadata,
    Column(
        "id", Text, primary_key=True, comment="A random ID, written into every receipt of this installation."
    ),
    Column(
        "key_check",
        LargeBinary,
        comment="A known value encrypted with the vault's key, to detect a wrong key.",
    ),
    Column(
        "paused", JSON, comment="Why the outbox is paused until a person confirms; unset if it is not paused."
    ),
    Column(
        "confirmed_until",
        DateTime(timezone=True),
        comment="A person confirmed receipts missing in the ledger up to this time.",
    ),
    time("made_at", nullable=False),
)
"""A table with one row: the ID and the state of the installation."""

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True, comment="A process ID that is never reused."),
    Column("name", Text, nullable=False, comment="The name that the operator gave the worker."),
    Column("host", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="serve, worker, or command: only the first two take runs."),
    Column("draining", Boolean, nullable=False, default=False),
    time("started_at", nullable=False),
    time("beat_at", nullable=False),
    Column("version", Text, comment="The version of Bucketlift that the worker runs."),
)
"""Running processes and their heartbeats."""

leases = Table(
    "leases",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("holder", Text),
    Column("token", Integer, nullable=False),
)
"""The worker that may write for a workflow, with the token of its lease."""

slots = Table(
    "slots",
    metadata,
    Column("destination", Text, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("holder", Text, comment="The worker that has a load unit open."),
)
"""Slots of destinations that limit how many load units may be open."""
