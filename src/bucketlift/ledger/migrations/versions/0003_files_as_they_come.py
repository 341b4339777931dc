"""Keys of encrypted files; rejects that were mended, and their replays."""

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
            "public", sa.Text(), nullable=False, comment="Armoured; a private part rests among the secrets."
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
            comment="Those of the rejects that were mended and loaded.",
        ),
    )
    op.add_column(
        "claims",
        sa.Column(
            "shape", sa.JSON(), nullable=True, comment="Where the file has each field, as its header said."
        ),
    )
    _replays()


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, comment="The n-th replay of the file, from 1."),
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
        sa.Column("offset", sa.BigInteger(), nullable=False, comment="Of the reject in its file."),
        sa.Column("part", sa.Integer(), nullable=False, comment="The replay that loads it."),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False, comment="Field by field, as texts."),
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
