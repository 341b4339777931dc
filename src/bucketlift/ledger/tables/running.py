"""The tables of runs, their manifests, logs and progress."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from bucketlift.ledger.tables.columns import Words, metadata, time

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("worker", Text),
    Column("manifest", JSON, comment="Batches per extract task, once every manifest is pinned."),
    Column("known", JSON, comment="Selected keys that were not taken, per extract task."),
    Column("newly_held", Integer, nullable=False, default=0),
    Column("answers", JSON, comment="Results of the conditions and the chosen loads; decided once."),
    Column("faults", JSON, comment="Errors per task."),
    Column("document", JSON),
    Column("files", BigInteger, comment="Number loaded; unset until the run ends."),
    Column("rows", BigInteger, comment="Number loaded; unset until the run ends."),
    Column("noticed", Boolean, nullable=False, default=False, comment="The run's notices are stored."),
    Column(
        "followed",
        Boolean,
        nullable=False,
        default=False,
        comment="The run ended, and runs of its followers are queued.",
    ),
    Column("outcome", Text, comment="The outcome of the run; unset until the run ends."),
    Column(
        "usual_rows",
        BigInteger,
        comment="The median of earlier runs of this weekday; unset if these are too few.",
    ),
    Column(
        "unusual",
        Boolean,
        nullable=False,
        default=False,
        server_default=false(),
        comment="The number of rows is far from the usual one.",
    ),
    time("cancel_asked_at"),
    time("asked_at", nullable=False),
    time("started_at"),
    time("finished_at"),
    Column(
        "reviewed_at",
        DateTime(timezone=True),
        comment="When a person reviewed the unusual number of rows.",
    ),
    Index("runs_by_workflow", "workflow", "asked_at"),
    Index("runs_by_state", "state"),
    # All columns that lists and Home need: the summary, which may be long, is not read for them.
    Index(
        "runs_in_brief",
        *("workflow", "asked_at", "id", "state", "outcome", "trigger", "started_at", "finished_at"),
        *("newly_held", "files", "rows", "usual_rows", "unusual", "reviewed_at"),
    ),
    # In the database this is a partial index (see its migration), for unusual runs that no person reviewed.
    Index("runs_unreviewed", "workflow"),
    Index("runs_by_time", "asked_at", "id"),
    Index("runs_to_follow", "followed", "finished_at"),
    Index("runs_to_notice", "noticed", "finished_at"),
)
"""Runs: queued, running and ended."""

manifests = Table(
    "manifests",
    metadata,
    Column("run", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column(
        "again", Boolean, nullable=False, comment="A file loaded before, read again only for a replace unit."
    ),
    Column("staged", Boolean, nullable=False, comment="Read without errors: part of the replace unit."),
    Index("manifests_by_position", "run", "task", "batch", "position"),
    Index("manifests_by_claim", "claim"),
)
"""The claims that each run takes, in order."""

run_log = Table(
    "run_log",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("run", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("task", Text),
    Column("what", Words, nullable=False),
    time("at", nullable=False),
    Index("run_log_by_run", "run", "id"),
)
"""Log lines of runs."""

advances = Table(
    "advances",
    metadata,
    Column("run", Text, primary_key=True),
    Column("told", JSON, nullable=False, comment="Tasks and the files in progress."),
    time("at", nullable=False),
    comment="The progress of running runs.",
)
