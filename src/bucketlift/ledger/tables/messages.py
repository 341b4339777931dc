"""The table of notices."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import Words, metadata, time

notices = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("run", Text),
    Column("occasion", Text, nullable=False, comment="failed, held, succeeded or silent."),
    Column("channel", JSON, nullable=False, comment="The e-mail address or webhook from the workflow."),
    Column("body", JSON, nullable=False, comment="Never the content of a cell."),
    Column("state", Text, nullable=False, comment="waiting, sent or given-up."),
    Column("tries", Integer, nullable=False, default=0),
    Column("note", Words, comment="Why the last attempt failed."),
    time("made_at", nullable=False),
    time("due_at", nullable=False),
    time("sent_at"),
    Index("notices_by_state", "state", "due_at"),
    Index("notices_by_workflow", "workflow", "made_at"),
)
"""Notices about runs and silences, with their delivery state."""
