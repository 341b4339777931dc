"""Applies one transform to a batch of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from bucketlift.model.rows import SOURCE_LINE
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.tabular.transform.outputs import Failed, Output
from bucketlift.tabular.transform.values import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformed:
    rows: pa.RecordBatch
    """The resulting rows, as many as in the source. In a row that failed, a value may be null."""
    failed: Sequence[Failed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    id: str
    source: str
    outputs: tuple[Output, ...]

    @staticmethod
    def of(task: TransformTask) -> Transformer:
        """Prepare a transform.

        Raises:
            RequestWrong: a format or a time zone cannot be used.
        """
        outputs = tuple(Output.of(each, task.id) for each in task.fields)
        return Transformer(id=task.id, source=task.source, outputs=outputs)

    def apply(self, rows: pa.RecordBatch) -> Transformed:
        """The rows with the fields that the transform makes. Such a field replaces the source field of the
        same name; if there is none, it is added at the end.
        """
        made, failed = dict[str, Array](), list[Failed]()
        for output in self.outputs:
            made[output.field.name], more = output.read(rows.column, rows.num_rows)
            failed += more
        return Transformed(rows=_with(rows, made), failed=failed)


def _with(rows: pa.RecordBatch, made: dict[str, Array]) -> pa.RecordBatch:
    names = [name for name in rows.schema.names if name != SOURCE_LINE]
    names += [name for name in made if name not in names]
    columns = [made[name] if name in made else rows.column(name) for name in names]
    fields = [pa.field(name, made[name].type) if name in made else rows.schema.field(name) for name in names]
    if SOURCE_LINE in rows.schema.names:
        columns.append(rows.column(SOURCE_LINE))
        fields.append(rows.schema.field(SOURCE_LINE))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))
