"""Adds the first IDs of renamed tasks. The IDs of their loads contain the first ID."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "workflows",
        sa.Column(
            "task_slugs",
            sa.JSON(),
            nullable=True,
            comment="First IDs of renamed tasks, by their present IDs.",
        ),
    )
