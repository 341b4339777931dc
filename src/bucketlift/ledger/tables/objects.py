"""The tables of source objects, and of the claims that extract tasks have on them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bucketlift.ledger.tables.columns import Words, metadata, time

IN_NEED = text("state IN ('held', 'action-held', 'archived-tier')")
"""The SQL condition for a claim that needs a decision.

It is literal text, as in the index, because SQLite would not use the index for a condition with bound
parameters.
"""

listings = Table(
    "listings",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    time("first_listed_at", nullable=False),
    comment="Tasks whose first listing is complete. Objects that appear later are new.",
)

source_objects = Table(
    "source_objects",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("store", Text, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("etag", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    time("modified"),
    time("found_at", nullable=False),
    time("removed_at"),
    UniqueConstraint("store", "bucket", "key", "occurrence", name="one_row_per_occurrence"),
)
"""Occurrences of objects in buckets: one row for each version of the bytes under a key."""

claims = Table(
    "claims",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", BigInteger, ForeignKey("source_objects.id"), nullable=False),
    Column("workflow", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("what", Words),
    Column("hint", Words),
    Column("rows", BigInteger, nullable=False, default=0),
    Column("rejected", BigInteger, nullable=False, default=0),
    Column(
        "mended",
        BigInteger,
        nullable=False,
        default=0,
        server_default="0",
        comment="Number of rejects that were mended and loaded.",
    ),
    Column(
        "refused",
        BigInteger,
        nullable=False,
        default=0,
        server_default="0",
        comment="Number of rows that a destination refused.",
    ),
    Column("shape", JSON, comment="The position of each field, from the file's header."),
    Column("sha256", Text),
    Column("notes", JSON),
    Column("contract", Text),
    Column("accepted", JSON, comment="Held reasons that a person accepted."),
    Column("choice", JSON),
    Column("run", Text),
    Column("moved_to", Text),
    Column(
        "load_begun",
        Boolean,
        nullable=False,
        default=False,
        comment="A load was started, so a receipt may exist in the destination.",
    ),
    Column(
        "suspicion", Text, comment="The file is in progress, with others or alone; unset when it is finished."
    ),
    Column("deaths", Integer, nullable=False, default=0),
    time("loaded_at"),
    time("updated_at", nullable=False),
    UniqueConstraint("source", "workflow", "task", name="one_claim_per_task"),
    Index("claims_by_state", "workflow", "task", "state"),
    Index("claims_by_source", "workflow", "source"),
    # In the database this is a partial index, for claims that need a decision (see its migration). A
    # declaration here would import PostgreSQL's dialect at each start.
    Index("claims_in_need", "workflow", "state", "reason"),
)
"""The state of each source object for each extract task that selects it."""

probes = Table(
    "probes",
    metadata,
    Column("store", Text, primary_key=True),
    Column("bucket", Text, primary_key=True),
    Column("precondition", Text, primary_key=True),
    Column("honoured", Text, nullable=False),
    time("probed_at", nullable=False),
)
"""Results of probes: whether a store obeys a precondition."""
