"""Adds PGP keys, and mended rejects with their replays."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="decrypt or signer."),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column(
            "public",
            sa.Text(),
            nullable=False,
            comment="In ASCII armor; a private part is stored in the table secrets.",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column(
        "claims",
        sa.Column(
            "mended",
            sa.BigInteger(),
            nullable=False,
            server_default="0",
            comment="Number of rejects that were mended and loaded.",
        ),
    )
    op.add_column(
        "claims",
        sa.Column(
            "shape", sa.JSON(), nullable=True, comment="The position of each field, from the file's header."
        ),
    )
    _replays()


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column(
            "part", sa.Integer(), nullable=False, comment="The number of the replay of this file, from 1."
        ),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, begun or done."),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim"], ["claims.id"]),
        sa.PrimaryKeyConstraint("claim", "part"),
    )
    op.create_index("replays_by_state", "replays", ["workflow", "state"])
    op.create_table(
        "mended_rows",
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column(
            "offset", sa.BigInteger(), nullable=False, comment="The byte offset of the reject in its file."
        ),
        sa.Column("part", sa.Integer(), nullable=False, comment="The replay that loads it."),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False, comment="The mended cells as text, by field."),
        sa.ForeignKeyConstraint(["claim"], ["claims.id"]),
        sa.PrimaryKeyConstraint("claim", "offset"),
    )
    op.create_table(
        "replay_receipts",
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("load_task", sa.Text(), nullable=False),
        sa.Column("load", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("table", sa.Text(), nullable=False),
        sa.Column("inserted", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim"], ["claims.id"]),
        sa.PrimaryKeyConstraint("claim", "part", "load_task"),
    )
    op.create_index("replay_receipts_by_run", "replay_receipts", ["run", "load_task"])
    op.create_index("replay_receipts_by_load", "replay_receipts", ["load"])
