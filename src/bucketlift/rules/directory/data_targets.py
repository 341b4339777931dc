"""Checks whether the fields of a load of responses or records can be loaded."""

from __future__ import annotations

from collections.abc import Collection

from bucketlift.errors import RequestWrong
from bucketlift.model.directory.data_targets import RecordsTarget, ResponsesTarget, fits
from bucketlift.rules.directory.field_names import check_columns, require_field
from bucketlift.rules.nearest import nearest
from bucketlift.yaml_text import hint


def check_data(target: ResponsesTarget | RecordsTarget, fields: Collection[str]) -> None:
    """Refuse an invalid load of responses or records before anything is loaded; ``fields`` are the source fields.

    Raises:
        RequestWrong: the first problem.
    """
    to = target.table
    check_columns(target, fields, to)
    if isinstance(target, RecordsTarget):
        _check_key(target, fields, to)
        _check_types(target, to)


def _check_key(target: RecordsTarget, fields: Collection[str], to: str) -> None:
    for name in target.key:
        require_field(name, fields, to, key="key")
        if not target.key_columns:
            raise RequestWrong(
                f"The key field `{name}` is left out of the load",
                to=to,
                key="key",
                hint=f"Map it to a field: `{hint({'map': {name: [name]}})}`.",
            )


def _check_types(target: RecordsTarget, to: str) -> None:
    columns = {column.name: column for column in target.columns}
    for name, kind in target.types:
        if name not in columns:
            raise RequestWrong(
                f"`types` names `{name}`, and the load does not fill this field",
                to=to,
                key="types",
                hint=nearest(name, columns),
            )
        column = columns[name]
        if not fits(kind, column.type):
            raise RequestWrong(
                f"`{name}` has the type {kind.value}, and its source field `{column.field}` is {column.type.name.value}",
                to=to,
                key="types",
                hint=f"Give `{column.field}` another type in the extract or in a transform, or remove `{name}` from `types`.",
            )
