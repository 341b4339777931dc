"""Checks whether the fields of a delivery can be sent."""

from __future__ import annotations

from collections import Counter

from bucketlift.errors import RequestWrong
from bucketlift.model.load import Target
from bucketlift.yaml_text import hint


def check_rows(target: Target) -> None:
    """Check the fields that a delivery sends.

    Raises:
        RequestWrong: no field is sent, the name of a field is empty, or several fields have the same name.
    """
    if not target.columns:
        raise RequestWrong("No field is sent", key="map", hint="Map at least one field.")
    for name, count in Counter(column.name for column in target.columns).items():
        if not name.strip():
            raise RequestWrong("The name of a field is empty", key="map", hint="Map it to another name.")
        if count > 1:
            sources = [column.field for column in target.columns if column.name == name]
            raise RequestWrong(
                f"Several fields fill `{name}`: {', '.join(f'`{each}`' for each in sources)}",
                key="map",
                hint=f"Leave one of them out, for example with `{hint({'map': {sources[-1]: []}})}`.",
            )
