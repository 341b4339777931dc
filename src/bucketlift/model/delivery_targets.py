"""The targets of deliveries: what is sent to a destination without transactions."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.model.load import Target

ROWS = "rows"
"""The name by which load IDs and receipts refer to the target of ``load_rows``."""
MAX_BATCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsTarget(Target):
    """Rows that are sent to an HTTP receiver. ``columns`` are the fields of the sent objects."""

    batch: int
    """Maximum number of rows in one request."""
