"""Adds the version of each worker, so that a later migration can name workers of older versions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM workers")  # no worker is running here: see ledger.db.other_versions
    op.add_column(
        "workers",
        sa.Column(
            "version", sa.Text(), nullable=True, comment="The version of Bucketlift that the worker runs."
        ),
    )
