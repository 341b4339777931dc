"""The targets of deliveries: what is sent to a destination without transactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bucketlift.model.load import Column, Lineage, Target

ROWS = "rows"
"""The name by which load IDs and receipts refer to the target of ``load_rows``."""
MAX_BATCH = 10_000
DEFAULT_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsTarget(Target):
    """Rows that are sent to an HTTP receiver. ``columns`` are the fields of the sent objects."""

    task_kind: ClassVar[str] = "load_rows"

    batch: int
    """Maximum number of rows of one request."""


def rows_target(
    columns: tuple[Column, ...], *, batch: int = DEFAULT_BATCH, accept_at_least_once: bool = False
) -> RowsTarget:
    return RowsTarget(
        table=ROWS,
        columns=columns,
        lineage=Lineage.OFF,
        batch=batch,
        accept_at_least_once=accept_at_least_once,
    )
