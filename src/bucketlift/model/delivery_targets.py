"""What is delivered to a destination without transactions."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.model.load import Target

ROWS = "rows"
"""The name of the target of ``load_rows`` in load IDs and receipts."""
MAX_BATCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsTarget(Target):
    """Rows for an HTTP receiver. ``columns`` are the fields of the sent objects."""

    batch: int
    """Maximum number of rows of one request."""
