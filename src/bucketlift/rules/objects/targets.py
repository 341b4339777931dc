"""Checks the target of a load that writes files."""

from __future__ import annotations

from collections import Counter

from bucketlift.errors import RequestWrong
from bucketlift.model.objects.file_format import ObjectFormat
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.rules.objects.names import check_template


def check_objects(target: ObjectsTarget) -> None:
    """Check the columns and the name of the files.

    Raises:
        RequestWrong: the files could not be written, or not be read again as they were.
    """
    check_template(target.name)
    twice = [name for name, count in Counter(column.name for column in target.columns).items() if count > 1]
    if twice:
        hint = "Give each a separate name in `map`."
        raise RequestWrong(f"Two fields become the column `{twice[0]}`", key="map", hint=hint)
    is_text = target.format in {ObjectFormat.CSV, ObjectFormat.TSV}
    if is_text and len(target.columns) == 1 and not target.dialect.null_text:
        raise RequestWrong(
            "In a file of one column, a null would be a blank line, which most readers skip",
            key="dialect",
            hint='Write dialect: {null_text: "NULL"}, or format: jsonl.',
        )
