"""Indexes to find what was loaded into a table."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("receipts", "replay_receipts"):
        op.create_index(
            f"{table}_by_table", table, ["destination", "table", "committed_at", "inserted", "updated"]
        )
