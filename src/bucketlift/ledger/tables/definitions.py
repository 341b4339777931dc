"""What somebody wants done, and when."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

workflows = Table(
    "workflows",
    metadata,
    Column("key", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("task_slugs", JSON, comment="First ids of tasks that were renamed, by their ids now."),
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
    Column(
        "missed",
        DateTime(timezone=True),
        comment="The expected time of which a silence was told last, while nothing came since.",
    ),
    comment="Scheduled times up to this one were acted on, or passed before the schedule was made.",
)

drafts = Table(
    "drafts",
    metadata,
    Column("key", Text, primary_key=True, comment="Of the workflow, published or not."),
    Column("document", JSON, comment="As it would stand in a workflow file; none where nothing is changed."),
    Column("scratch", JSON, nullable=False, comment="What half-filled forms know, by the form's name."),
    Column("based_on", Integer, comment="The version that was changed; none of a workflow never published."),
    Column("number", Integer, nullable=False, comment="Raised by each change."),
    Column("changed_by", Text),
    time("changed_at", nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("mark", Text, primary_key=True, comment="A hash of the request's proof, which is good once."),
    Column("run", Text, nullable=False, comment="The run that it asked for, or joined."),
    Column("fields", JSON, nullable=False, comment="What was taken from the event."),
    time("at", nullable=False),
    Index("events_by_run", "run"),
    Index("events_by_time", "at"),
)
