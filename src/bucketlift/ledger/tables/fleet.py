"""One installation and the processes at work in it."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, LargeBinary, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

installation = Table(
    "installation",
    metadata,
    Column("id", Text, primary_key=True, comment="Random; stands in every receipt this installation writes."),
    Column("key_check", LargeBinary, comment="A known word sealed with the vault's key: tells a wrong one."),
    Column("paused", JSON, comment="Why no object is acted on until a person confirms; unset: nothing is."),
    Column(
        "confirmed_until",
        DateTime(timezone=True),
        comment="A person vouched for receipts until then that the ledger cannot explain.",
    ),
    time("made_at", nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True, comment="One process; never used again."),
    Column("name", Text, nullable=False, comment="The operator's name for its place."),
    Column("host", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="serve, worker, or command: only the first two take runs."),
    Column("draining", Boolean, nullable=False, default=False),
    time("started_at", nullable=False),
    time("beat_at", nullable=False),
    Column("version", Text, comment="The version of Bucketlift that it runs."),
)

leases = Table(
    "leases",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("holder", Text),
    Column("token", Integer, nullable=False),
)

slots = Table(
    "slots",
    metadata,
    Column("destination", Text, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("holder", Text, comment="The worker that has a load unit open."),
)
