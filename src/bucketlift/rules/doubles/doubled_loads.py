"""Finds two loads of one extract that write the same rows to the same table, list, receiver or files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from bucketlift.model.account import DestinationSettings, PostgresqlDestination, QualtricsDestination
from bucketlift.model.directory.data_targets import RecordsTarget, ResponsesTarget
from bucketlift.model.directory.targets import ContactsTarget, EmployeesTarget
from bucketlift.model.load import RowsTarget, Target
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.workflow import LoadTask, Workflow
from bucketlift.rules.doubles.exclusion import exclude_each_other
from bucketlift.rules.doubles.same_place import Lookup, folder_in_place, same_place
from bucketlift.rules.doubles.upserts import Fold, upserts_agree
from bucketlift.rules.targets import NAMINGS

_MAIN = "main"
"""The name of the usual schema in SQLite and DuckDB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubledLoads:
    """Two loads that a run may both execute, and that write the same rows to one place."""

    first: str
    second: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """The place that both loads write to, in words, and what would separate them."""

    place: str
    remedy: str = ""


def doubled_loads(
    workflow: Workflow, destinations: Mapping[str, DestinationSettings], lookup: Lookup
) -> Iterator[DoubledLoads]:
    """Yield the pairs of loads that would load each row twice. A load into an unknown destination can only
    double a load into the destination of the same name.
    """
    for extract in workflow.extracts:
        for first, second in combinations(workflow.loads_from(extract.id), 2):
            shared = _shared(first, second, destinations, lookup)
            if shared is not None and not exclude_each_other(workflow, first.id, second.id):
                yield _doubled(extract.id, first, second, shared)


def _doubled(extract: str, first: LoadTask, second: LoadTask, shared: _Shared) -> DoubledLoads:
    remedy = f", {shared.remedy}," if shared.remedy else ""
    return DoubledLoads(
        first=first.id,
        second=second.id,
        what=f"`{first.id}` and `{second.id}` both load the rows of `{extract}` into {shared.place}, "
        "so each row would be loaded twice",
        hint=f"Delete one of the two loads{remedy} or name one of them in `then` and the other in `else` of one "
        "condition.",
    )


def _shared(
    first: LoadTask, second: LoadTask, destinations: Mapping[str, DestinationSettings], lookup: Lookup
) -> _Shared | None:
    one, other = first.target, second.target
    if type(one) is not type(other):
        return None
    settings = destinations.get(first.destination), destinations.get(second.destination)
    if first.destination != second.destination and not _same_place(*settings, lookup):
        return None
    if isinstance(one, ContactsTarget) and isinstance(other, ContactsTarget):
        directories = {each.directory for each in settings if isinstance(each, QualtricsDestination)}
        return None if len(directories) > 1 else _contacts(first, one, other, settings)
    if isinstance(one, ObjectsTarget) and isinstance(other, ObjectsTarget):
        return _files(first, one, other, settings, lookup)
    if _name(one, settings[0]) != _name(other, settings[1]):
        return None
    if type(one) is Target and upserts_agree(first, second, _fold(settings[0])):
        return None
    return _table(first, second)


def _same_place(one: DestinationSettings | None, other: DestinationSettings | None, lookup: Lookup) -> bool:
    return one is not None and other is not None and same_place(one, other, lookup)


def _name(target: Target, settings: DestinationSettings | None) -> tuple[str, ...]:
    """The table, survey, project or list inside the destination, as the destination compares names."""
    if isinstance(target, EmployeesTarget):
        return (target.directory or "", target.project or "")
    if isinstance(target, ResponsesTarget | RecordsTarget | RowsTarget) or settings is None:
        return (target.table,)
    schema = settings.schema if isinstance(settings, PostgresqlDestination) else _MAIN
    qualifier, dot, table = target.table.partition(".")
    names = (qualifier, table) if dot and qualifier and table else (schema, target.table)
    return tuple(map(_fold(settings), names))


def _fold(settings: DestinationSettings | None) -> Fold:
    naming = None if settings is None else NAMINGS.get(settings.kind)
    return str if naming is None else naming.fold


def _table(first: LoadTask, second: LoadTask) -> _Shared:
    target, to = first.target, first.destination
    if isinstance(target, RowsTarget):
        return _Shared(place=f"the receiver `{to}`", remedy="send one of them to another receiver")
    if isinstance(target, ResponsesTarget):
        return _Shared(
            place=f"the survey `{target.survey}` of `{to}`", remedy="load one of them into another survey"
        )
    if isinstance(target, RecordsTarget):
        return _Shared(
            place=f"the project `{target.project}` of `{to}`", remedy="load one of them into another project"
        )
    if isinstance(target, EmployeesTarget):
        return _Shared(place=f"the employees of `{to}`")
    table, other = target.table, second.target.table
    also = (
        "" if other == table and second.destination == to else f" (also `{other}` of `{second.destination}`)"
    )
    return _Shared(place=f"the table `{table}` of `{to}`{also}", remedy="load one of them into another table")


def _contacts(
    load: LoadTask,
    one: ContactsTarget,
    other: ContactsTarget,
    settings: tuple[DestinationSettings | None, DestinationSettings | None],
) -> _Shared | None:
    """Contacts of two lists are no doubles if merge rules find the contact again, and no transaction is added
    twice.
    """
    finds = all(map(_finds_again, (one, other), settings)) and not _same_transactions(one, other)
    if one.list == other.list:
        place = f"the mailing list `{one.list}`" if one.list else "the contacts"
        remedy = "name another mailing list in one of them" if finds else ""
        return _Shared(place=f"{place} of `{load.destination}`", remedy=remedy)
    return None if finds else _Shared(place=f"the contacts of `{load.destination}`")


def _finds_again(target: ContactsTarget, settings: DestinationSettings | None) -> bool:
    """Whether a row that is loaded twice updates its contact, instead of adding a second one."""
    if isinstance(settings, QualtricsDestination):
        return settings.merges_contacts
    return bool(target.merge)


def _same_transactions(one: ContactsTarget, other: ContactsTarget) -> bool:
    if one.transactions is None or other.transactions is None:
        return False
    return one.transactions.date == other.transactions.date


def _files(
    load: LoadTask,
    one: ObjectsTarget,
    other: ObjectsTarget,
    settings: tuple[DestinationSettings | None, DestinationSettings | None],
    lookup: Lookup,
) -> _Shared | None:
    """Files are doubles if they have the same names. With ``{task}`` in the name, they also need the same
    columns, because each load then has files of its own.
    """
    names = [
        (folder_in_place(place, lookup) if place else "") + target.name + target.extension
        for place, target in zip(settings, (one, other), strict=True)
    ]
    if names[0] != names[1] or ("{task}" in one.name and one.columns != other.columns):
        return None
    return _Shared(
        place=f"files with the name `{one.name}{one.extension}` of `{load.destination}`",
        remedy="give the files of one of them another name",
    )
