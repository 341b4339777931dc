"""Returns the responses and records of a directory as documents and files."""

from __future__ import annotations

from collections.abc import Iterator

from bucketlift.errors import NotFound
from bucketlift.model.directory.data_targets import RECORDS, RESPONSES
from bucketlift.model.directory.people import DataSet, Person
from bucketlift.ports import Directory
from bucketlift.rules.nearest import nearest
from bucketlift.service.directory.people import as_csv_lines, as_json_lines

_START = {"responses": RESPONSES, "records": RECORDS}
_ID = {"responses": "ResponseID", "records": "RecordID"}
_OF = {"responses": "survey", "records": "data project"}


def sets(directory: Directory, noun: str) -> tuple[DataSet, ...]:
    """The surveys or data projects that have rows. ``noun`` is responses or records."""
    return directory.sets(_START[noun])


def require_set(directory: Directory, noun: str, name: str) -> str:
    """The table name of a survey or data project.

    Raises:
        NotFound: the survey or data project has no rows.
    """
    names = [each.name for each in sets(directory, noun)]
    if name not in names:
        raise NotFound(
            f"The directory has no {noun} of this {_OF[noun]}",
            to=name,
            hint=nearest(name, names)
            if names
            else f"The directory has no {noun} yet: load them with load_{noun}.",
        )
    return _START[noun] + name


def columns(directory: Directory, noun: str, kind: str) -> list[str]:
    return [_ID[noun], *directory.fields(kind)]


def document(noun: str, row: Person) -> dict[str, str]:
    """The values of a response or record by field, with its ID."""
    return {_ID[noun]: str(row.id)} | dict(row.values)


def exported(directory: Directory, noun: str, name: str, *, csv: bool) -> Iterator[str]:
    """Yield the parts of a CSV file, or of a file with one JSON object per line."""
    kind = require_set(directory, noun, name)
    documents = (document(noun, each) for each in directory.each(kind))
    if csv:
        return as_csv_lines(columns(directory, noun, kind), documents)
    return as_json_lines(documents)
