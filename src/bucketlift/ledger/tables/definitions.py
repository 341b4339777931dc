"""What somebody wants done, and when."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

workflows = Table(
    "workflows",
    metadata,
    Column("key", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("project", Text),
    Column("version", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    time("switched_on_at", nullable=False),
    time("deleted_at"),
)

workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("workflow", Text, ForeignKey("workflows.key"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition", JSON, nullable=False),
    time("made_at", nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column(
        "schedule", Text, primary_key=True, comment="A hash of what the schedule says, and of what it is for."
    ),
    time("settled_until", nullable=False),
    comment="Scheduled times up to this one were acted on, or passed before the schedule was made.",
)
