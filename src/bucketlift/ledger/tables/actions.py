"""The outbox: pending actions on source objects."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import Words, metadata, time

outbox = Table(
    "outbox",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("action", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("place_bucket", Text),
    Column("place_key", Text),
    Column("tries", Integer, nullable=False, default=0),
    Column("note", Words),
    Column("held_by", Text, comment="The run that held the action."),
    time("due_at", nullable=False),
    time("sent_at"),
    time("updated_at", nullable=False),
    Index("outbox_by_state", "workflow", "state"),
    Index("outbox_by_place", "place_bucket", "place_key"),
)
"""Actions on source objects after their load: one row for each claim with a delete, move or rename."""
