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


_IN_A_DONE_REPLAY = """
    SELECT mended_rows.part FROM mended_rows
    JOIN replays ON replays.claim = mended_rows.claim AND replays.part = mended_rows.part
    WHERE mended_rows.claim = rejects.claim AND mended_rows."offset" = rejects."offset" AND replays.state = 'done'
"""
_OF_ITS_LOAD = """
    SELECT 1 FROM replay_receipts
    JOIN mended_rows ON mended_rows.claim = replay_receipts.claim AND mended_rows.part = replay_receipts.part
    WHERE mended_rows.claim = rejects.claim AND mended_rows."offset" = rejects."offset"
    AND replay_receipts.load_task = rejects.load_task
"""
_STILL_OPEN = """
    SELECT rejects."offset" FROM rejects
    WHERE rejects.claim = mended_rows.claim AND rejects."offset" = mended_rows."offset"
    AND rejects.mended_in IS NULL
"""


# ruff: noqa: S608 - the texts below consist of constants only
_FILL = f"""
    UPDATE rejects SET mended_in = ({_IN_A_DONE_REPLAY})
    WHERE EXISTS ({_IN_A_DONE_REPLAY}) AND (load_task IS NULL OR EXISTS ({_OF_ITS_LOAD}))
"""
_COUNT = f"""
    UPDATE claims SET mended = (
        SELECT count(*) FROM rejects WHERE rejects.claim = claims.id AND rejects.mended_in IS NOT NULL
    )
    WHERE EXISTS (
        SELECT 1 FROM rejects
        WHERE rejects.claim = claims.id AND rejects.mended_in IS NULL AND EXISTS ({_IN_A_DONE_REPLAY})
    )
"""
_REOPEN = f"""
    DELETE FROM mended_rows WHERE EXISTS ({_STILL_OPEN}) AND EXISTS (
        SELECT 1 FROM replays
        WHERE replays.claim = mended_rows.claim AND replays.part = mended_rows.part AND replays.state = 'done'
    )
"""


def _fill_mended_in() -> None:
    """Mark the rejects that their load took. A row that two destinations refused was sent to one of them only: the
    reject of the other stays open, and its row can be mended again.
    """
    op.execute(_FILL)
    op.execute(_COUNT)
    op.execute(_REOPEN)
