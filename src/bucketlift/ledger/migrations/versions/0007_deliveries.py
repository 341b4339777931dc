"""Adds the chunks of deliveries, and the rows that a destination refused."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chunks",
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("load_task", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, comment="0: the file; n: its n-th replay."),
        sa.Column("number", sa.Integer(), nullable=False, comment="From 1, in the order of the rows."),
        sa.Column("load", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("first_line", sa.BigInteger(), nullable=False),
        sa.Column("last_line", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False, comment="Of what is sent."),
        sa.Column("key", sa.Text(), nullable=False, comment="The idempotency key."),
        sa.Column("state", sa.Text(), nullable=False, comment="planned, sent, confirmed or in-doubt."),
        sa.Column("name", sa.Text(), nullable=True, comment="The name of the object that the chunk makes."),
        sa.Column("job", sa.Text(), nullable=True, comment="The destination's ID for the work."),
        sa.Column("inserted", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=True, comment="The refused rows: line, message and field."),
        sa.Column("what", sa.Text(), nullable=True, comment="What went wrong last."),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim"], ["claims.id"]),
        sa.PrimaryKeyConstraint("claim", "load_task", "part", "number"),
    )
    op.create_index("chunks_by_state", "chunks", ["state"])
    for table in ("claims", "receipts", "replay_receipts"):
        op.add_column(
            table,
            sa.Column(
                "refused",
                sa.BigInteger(),
                nullable=False,
                server_default="0",
                comment="Number of rows that a destination refused.",
            ),
        )
    op.add_column(
        "rejects",
        sa.Column(
            "load_task",
            sa.Text(),
            nullable=True,
            comment="The load whose destination refused the row; null if no load has the row.",
        ),
    )
    op.add_column(
        "rejects", sa.Column("message", sa.Text(), nullable=True, comment="The destination's words.")
    )
