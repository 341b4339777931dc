"""Adds the replay in which the load of a reject took its row, the token of a chunk, and an index to find the
runs of a file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "rejects",
        sa.Column(
            "mended_in", sa.Integer(), nullable=True, comment="The replay in which the load took the row."
        ),
    )
    op.add_column(
        "chunks",
        sa.Column("token", sa.Text(), nullable=True, comment="Distinguishes it from a former chunk."),
    )
    op.create_index("manifests_by_claim", "manifests", ["claim"])
    _fill_mended_in()


def _fill_mended_in() -> None:
    rejects = sa.table("rejects", sa.column("claim"), sa.column("offset"), sa.column("mended_in"))
    mended = sa.table("mended_rows", sa.column("claim"), sa.column("offset"), sa.column("part"))
    replays = sa.table("replays", sa.column("claim"), sa.column("part"), sa.column("state"))
    done_in = (
        sa.select(mended.c.part)
        .join(replays, sa.and_(replays.c.claim == mended.c.claim, replays.c.part == mended.c.part))
        .where(
            mended.c.claim == rejects.c.claim, mended.c.offset == rejects.c.offset, replays.c.state == "done"
        )
        .scalar_subquery()
    )
    op.execute(sa.update(rejects).values(mended_in=done_in))
