"""Adds the outcome of runs and their usual number of rows, and indexes for the last file, the last notices and the unusual runs of a workflow."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "runs",
        sa.Column(
            "outcome", sa.Text(), nullable=True, comment="The outcome of the run; unset until the run ends."
        ),
    )
    op.add_column(
        "runs",
        sa.Column(
            "usual_rows",
            sa.BigInteger(),
            nullable=True,
            comment="The median of earlier runs of this weekday; unset if these are too few.",
        ),
    )
    op.add_column(
        "runs",
        sa.Column(
            "unusual",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="The number of rows is far from the usual one.",
        ),
    )
    op.add_column(
        "runs",
        sa.Column(
            "reviewed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a person reviewed the unusual number of rows.",
        ),
    )
    op.execute(
        "UPDATE runs SET outcome = CASE WHEN state = 'succeeded' AND newly_held > 0 "
        "THEN 'succeeded_with_issues' ELSE state END WHERE finished_at IS NOT NULL"
    )
    # All columns that lists and Home need: the summary, which may be long, is not read for them.
    op.create_index(
        "runs_in_brief",
        "runs",
        [
            *("workflow", "asked_at", "id", "state", "outcome", "trigger", "started_at", "finished_at"),
            *("newly_held", "files", "rows", "usual_rows", "unusual", "reviewed_at"),
        ],
    )
    op.create_index(
        "runs_unreviewed",
        "runs",
        ["workflow"],
        sqlite_where=sa.text("unusual = 1 AND reviewed_at IS NULL"),
        postgresql_where=sa.text("unusual AND reviewed_at IS NULL"),
    )
    op.create_index("claims_by_source", "claims", ["workflow", "source"])
    op.create_index("notices_by_workflow", "notices", ["workflow", "made_at"])
