"""The settings of tasks that deliver rows to destinations without transactions, in the workflow file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from bucketlift.model.load import DEFAULT_BATCH, MAX_BATCH, RowsTarget, rows_target
from bucketlift.model.transforms.transform import RowField
from bucketlift.schema.loads import BaseLoadShape, FieldMap, columns_of


class LoadRowsShape(BaseLoadShape):
    """Sends the rows of one extract task or transform to an HTTP receiver, in requests of ``batch`` rows."""

    batch: Annotated[int, Field(ge=1, le=MAX_BATCH)] = DEFAULT_BATCH
    map: FieldMap
    accept_at_least_once: bool = False

    def to_target(self, fields: Sequence[RowField]) -> RowsTarget:
        return rows_target(
            columns_of(fields, self.map),
            batch=self.batch,
            accept_at_least_once=self.accept_at_least_once,
        )
