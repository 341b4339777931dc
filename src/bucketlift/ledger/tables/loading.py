"""The tables of receipts and rejects."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from bucketlift.ledger.tables.columns import Words, metadata, time

receipts = Table(
    "receipts",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
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
    Index("receipts_by_run", "run", "load_task"),
    Index("receipts_by_table", "destination", "table", "committed_at", "inserted", "updated"),
)
"""Receipts: what each load of a file committed in its destination."""

rejects = Table(
    "rejects",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("line", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("field", Text),
    Column(
        "load_task", Text, comment="The load whose destination refused the row; null if no load has the row."
    ),
    Column("message", Words, comment="The destination's words."),
    Column("mended_in", Integer, comment="The replay in which the load took the row."),
)
"""Rows of files that could not be read exactly, with their original bytes."""
