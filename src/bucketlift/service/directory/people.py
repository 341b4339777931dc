"""Returns the people of a directory as documents for the command line, the API and the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bucketlift.errors import NotFound
from bucketlift.model.account import DirectoryDestination
from bucketlift.model.directory.people import HistoryEntry, Person, PersonDetails, Transaction
from bucketlift.model.directory.targets import CONTACTS, EMPLOYEES
from bucketlift.model.load import LoadId
from bucketlift.ports import Directory
from bucketlift.rules.document import time_text
from bucketlift.rules.nearest import nearest
from bucketlift.service.core.app import App
from bucketlift.service.core.fleet import require_places

CONTACT_ID = "ContactID"
SINGULAR = {CONTACTS: "contact", EMPLOYEES: "employee"}


def opened(app: App, name: str) -> Directory:
    """Open the directory with this name.

    Raises:
        NotFound: there is no such destination.
        RequestWrong: the destination is not a directory, or only another worker can reach it.
    """
    require_places(app, [name])
    return app.connections.directory(name)


def directories(app: App) -> tuple[str, ...]:
    """The names of all destinations that are directories."""
    known = app.ledger.catalog.destinations()
    return tuple(name for name, each in known.items() if isinstance(each.settings, DirectoryDestination))


def document(person: Person) -> dict[str, str]:
    """The values of a person, by the directory's field names. For a contact, the ID is included."""
    return dict(person.values) | ({CONTACT_ID: str(person.id)} if person.kind == CONTACTS else {})


def found(directory: Directory, kind: str, name: str) -> PersonDetails:
    """The details of a person.

    Raises:
        NotFound: there is no such person.
    """
    person = directory.person(kind, name)
    if person is None:
        field = CONTACT_ID if kind == CONTACTS else "UniqueIdentifier"
        raise NotFound(
            f"There is no {SINGULAR[kind]} with this {field}",
            to=name,
            hint=f"`bucketlift directory {kind} list --search TEXT` finds people.",
        )
    return person


def shown(app: App, details: PersonDetails) -> dict[str, Any]:
    """A person as JSON values, with the source of each value, history, mailing lists and transactions."""
    files = files_of(app, [each.load for each in details.history])
    return {
        SINGULAR[details.person.kind]: document(details.person),
        "lists": list(details.lists),
        "sources": {name: _entry(entry, files) for name, entry in details.sources.items()},
        "history": [
            _entry(entry, files)
            | {
                "undone": entry.is_undone,
                "changes": {
                    name: {"before": before, "after": after}
                    for name, (before, after) in entry.changes.items()
                },
            }
            for entry in details.history
        ],
        "transactions": [transaction(each) for each in details.transactions],
    }


def transaction(each: Transaction) -> dict[str, Any]:
    return {
        "TransactionID": str(each.id),
        CONTACT_ID: str(each.person),
        "date": each.date,
        "fields": dict(each.values),
        "load_id": each.load,
        "line": each.line,
    }


def files_of(app: App, loads: Collection[LoadId]) -> dict[LoadId, dict[str, str]]:
    """For each load that this installation's ledger knows, the file that it loaded."""
    claims = app.ledger.claims.of_loads(set(loads))
    return {
        load: {"file": claim.id, "bucket": claim.source.bucket, "key": claim.source.key}
        for load, claim in claims.items()
    }


def as_csv(fields: Sequence[str], people: Iterable[Person]) -> Iterator[str]:
    """Yield the lines of a CSV file: a header, and one line per person."""
    return as_csv_lines(fields, map(document, people))


def as_csv_lines(fields: Sequence[str], documents: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield the lines of a CSV file: a header, and one line per document."""
    names = list(fields)
    yield _line(names)
    for values in documents:
        yield _line([values.get(name, "") for name in names])


def export_fields(directory: Directory, kind: str) -> list[str]:
    first = [CONTACT_ID] if kind == CONTACTS else []
    return [*first, *directory.fields(kind)]


def as_json_lines(documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for each in documents:
        yield json.dumps(each, ensure_ascii=False) + "\n"


def _entry(entry: HistoryEntry, files: Mapping[LoadId, Mapping[str, str]]) -> dict[str, Any]:
    return {
        "load_id": entry.load,
        "line": entry.line,
        "at": time_text(entry.at),
        **files.get(entry.load, {}),
    }


def _line(values: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()


def require_list(directory: Directory, name: str) -> None:
    """Check that a mailing list exists.

    Raises:
        NotFound: the list does not exist.
    """
    names = [each.name for each in directory.lists()]
    if name not in names:
        raise NotFound(
            "There is no mailing list with this name",
            to=name,
            hint=nearest(name, names) if names else "The directory has no mailing list yet.",
        )


def each_transaction(directory: Directory) -> Iterator[Transaction]:
    after = 0
    while some := directory.transactions(after=after):
        yield from some
        after = some[-1].id


def found_transaction(directory: Directory, number: int) -> Transaction:
    """The transaction with this number.

    Raises:
        NotFound: there is no such transaction.
    """
    some = directory.transactions(after=number - 1, limit=1)
    if not some or some[0].id != number:
        raise NotFound(
            "There is no transaction with this TransactionID",
            to=str(number),
            hint="`bucketlift directory transactions list` shows them.",
        )
    return some[0]
