"""The first ids of tasks that were renamed: the names of their loads are made of them."""

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
            comment="First ids of tasks that were renamed, by their ids now.",
        ),
    )
