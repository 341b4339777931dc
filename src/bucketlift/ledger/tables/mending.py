"""The tables of mended rejects and their replays."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import metadata, time

replays = Table(
    "replays",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("part", Integer, primary_key=True, comment="The number of the replay of this file, from 1."),
    Column("workflow", Text, nullable=False),
    Column("state", Text, nullable=False, comment="waiting, begun or done."),
    Column("rows", BigInteger, nullable=False),
    time("asked_at", nullable=False),
    time("done_at"),
    Index("replays_by_state", "workflow", "state"),
)
"""Replays of a file's mended rejects."""

mended_rows = Table(
    "mended_rows",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("offset", BigInteger, primary_key=True, comment="The byte offset of the reject in its file."),
    Column("part", Integer, nullable=False, comment="The replay that loads it."),
    Column("line", BigInteger, nullable=False),
    Column("cells", JSON, nullable=False, comment="The mended cells as text, by field."),
)
"""Mended rejects, with the replay that loads them."""

replay_receipts = Table(
    "replay_receipts",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("load_task", Text, primary_key=True),
    Column("load", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("table", Text, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    Column(
        "refused",
        BigInteger,
        nullable=False,
        default=0,
        server_default="0",
        comment="Number of rows that a destination refused.",
    ),
    time("committed_at", nullable=False),
    Index("replay_receipts_by_run", "run", "load_task"),
    Index("replay_receipts_by_table", "destination", "table", "committed_at", "inserted", "updated"),
    Index("replay_receipts_by_load", "load"),
)
"""Receipts of replays: what each load of mended rows committed."""
