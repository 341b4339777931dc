"""Checks the names of the fields that a load fills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from bucketlift.errors import RequestWrong
from bucketlift.model.directory.targets import MAX_NAME
from bucketlift.model.load import Target
from bucketlift.rules.nearest import nearest
from bucketlift.yaml_text import hint


def check_columns(target: Target, fields: Collection[str], to: str) -> None:
    """Refuse a target without fields, with unknown source fields, or with two source fields for one field.

    Raises:
        RequestWrong: the first problem.
    """
    if not target.columns:
        raise RequestWrong("No field is loaded", to=to, key="map", hint="Map at least one field.")
    for column in target.columns:
        require_field(column.field, fields, to)
    check_names([column.name for column in target.columns], to)
    _check_once(target, to)


def require_field(name: str, fields: Collection[str], to: str, *, key: str = "") -> None:
    if name not in fields:
        raise RequestWrong(f"The sample has no field `{name}`", to=to, key=key, hint=nearest(name, fields))


def check_names(names: Collection[str], to: str) -> None:
    for name in names:
        if not name.strip() or "\0" in name:
            raise RequestWrong(
                "The name of a field is empty or contains a NUL",
                to=to,
                key="map",
                hint="Map it to another name.",
            )
        if len(name) > MAX_NAME:
            raise RequestWrong(
                f"The name of a field has {len(name):,} characters, and a directory allows {MAX_NAME}",
                to=f"`{name[:30]}…`",
                key="map",
                hint="Map the field to a shorter name.",
            )


def _check_once(target: Target, to: str) -> None:
    for name, count in Counter(column.name for column in target.columns).items():
        if count > 1:
            sources = [column.field for column in target.columns if column.name == name]
            raise RequestWrong(
                f"Several fields fill `{name}`: {', '.join(f'`{each}`' for each in sources)}",
                to=to,
                key="map",
                hint=f"Leave one of them out, for example with `{hint({'map': {sources[-1]: []}})}`.",
            )
