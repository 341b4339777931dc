"""The tables of workflows, their versions, drafts, schedules and events."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

workflows = Table(
    "workflows",
    metadata,
    Column("key", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("task_slugs", JSON, comment="First IDs of renamed tasks, by their present IDs."),
    Column("project", Text),
    Column("version", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    time("switched_on_at", nullable=False),
    time("deleted_at"),
)
"""Workflows with their current version. A deleted workflow keeps its history."""

workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("workflow", Text, ForeignKey("workflows.key"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition", JSON, nullable=False),
    time("made_at", nullable=False),
)
"""Published versions of workflows."""

schedules = Table(
    "schedules",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("schedule", Text, primary_key=True, comment="A hash of the trigger and its purpose."),
    time("settled_until", nullable=False),
    Column(
        "missed",
        DateTime(timezone=True),
        comment="The expected time of the last silence reported, if no file has arrived since.",
    ),
    comment="Per trigger, the time up to which it is settled.",
)

drafts = Table(
    "drafts",
    metadata,
    Column("key", Text, primary_key=True, comment="The workflow's key, published or not."),
    Column(
        "document", JSON, comment="The changed workflow, as in a workflow file; null if nothing is changed."
    ),
    Column("scratch", JSON, nullable=False, comment="Values of unfinished forms, by form name."),
    Column("based_on", Integer, comment="The published version that is changed; null if never published."),
    Column("number", Integer, nullable=False, comment="Increased by each change."),
    Column("changed_by", Text),
    time("changed_at", nullable=False),
)
"""Unpublished changes of workflows. A workflow has at most one draft."""

events = Table(
    "events",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("mark", Text, primary_key=True, comment="A hash of the request's proof, which is valid once."),
    Column("run", Text, nullable=False, comment="The run that the event queued or joined."),
    Column("fields", JSON, nullable=False, comment="Fields taken from the event."),
    time("at", nullable=False),
    Index("events_by_run", "run"),
    Index("events_by_time", "at"),
)
"""Event calls, and the runs that the calls started."""
