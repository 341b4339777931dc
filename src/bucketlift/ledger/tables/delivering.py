"""The table of the chunks of deliveries."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from bucketlift.ledger.tables.columns import Words, metadata, time

chunks = Table(
    "chunks",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("load_task", Text, primary_key=True),
    Column("part", Integer, primary_key=True, comment="0: the file; n: its n-th replay."),
    Column("number", Integer, primary_key=True, comment="From 1, in the order of the rows."),
    Column("load", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("first_line", BigInteger, nullable=False),
    Column("last_line", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False, comment="Of what is sent."),
    Column("key", Text, nullable=False, comment="The idempotency key."),
    Column("state", Text, nullable=False, comment="planned, sent, confirmed or in-doubt."),
    Column("name", Words, comment="The name of the object that the chunk makes."),
    Column("job", Text, comment="The destination's ID for the work."),
    Column("inserted", BigInteger, nullable=False, default=0),
    Column("updated", BigInteger, nullable=False, default=0),
    Column("unchanged", BigInteger, nullable=False, default=0),
    Column("refused", JSON, comment="The refused rows: line, message and field."),
    Column("what", Words, comment="What went wrong last."),
    Column("token", Text, comment="Distinguishes it from a former chunk."),
    time("sent_at"),
    time("confirmed_at"),
    Index("chunks_by_state", "state"),
    Index("chunks_by_name", "destination", "name"),
)
"""The chunks of deliveries: what was sent to a destination without transactions, and the answer of the
destination.
"""
