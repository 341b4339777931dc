"""An index to find which file has a name that a load gives to its file."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("chunks_by_name", "chunks", ["destination", "name"])
