"""Changes the header of an extract task, and renames its fields in the transforms and loads that use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field
from bucketlift.model.directory.data_targets import RecordsTarget, ResponsesTarget
from bucketlift.model.directory.targets import ContactsTarget, EmployeesTarget, Transactions
from bucketlift.model.load import Column, RowsTarget, Target
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.transforms.transform import (
    Difference,
    FromField,
    Join,
    Origin,
    OutputField,
    TransformTask,
)
from bucketlift.model.workflow import ExtractTask, LoadTask, Task, Workflow
from bucketlift.rules.delivery.rows import check_rows
from bucketlift.rules.directory.data_targets import check_data
from bucketlift.rules.directory.people_targets import check_people
from bucketlift.rules.objects.targets import check_objects
from bucketlift.rules.targets import Naming, check_target
from bucketlift.tabular.header.header import fold

NamingOf = Callable[[str], Naming]
"""A function that returns a destination's rules for names, by the destination's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """How the fields of one task's rows change: new fields, removed fields, and the new names of all other
    fields.
    """

    fields: tuple[str, ...]
    names: Mapping[str, str]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def renewed(
    naming_of: NamingOf, workflow: Workflow, task: ExtractTask, fields: Sequence[Field], change: Renamed
) -> Workflow:
    """The workflow with these fields as the contract of a task.

    Raises:
        RequestWrong: a key or a transform needs a field that the header does not have, or two fields would
        have the same name.
    """
    return replace(workflow, tasks=tuple(_tasks(naming_of, workflow, task, fields, change)))


def _tasks(
    naming_of: NamingOf, workflow: Workflow, task: ExtractTask, fields: Sequence[Field], change: Renamed
) -> Iterator[Task]:
    changes = {task.id: change}
    for each in workflow.tasks:
        if each == task:
            yield replace(task, contract=replace(task.contract, fields=tuple(fields)))
        elif isinstance(each, TransformTask) and each.source in changes:
            made = _transform(each, changes[each.source])
            changes[each.id] = _after_transform(made, changes[each.source])
            yield made
        elif isinstance(each, LoadTask) and each.source in changes:
            yield _load(naming_of, each, changes[each.source])
        else:
            yield each


def _transform(task: TransformTask, change: Renamed) -> TransformTask:
    """The transform with the new names of its source fields. If a field of the transform replaces a renamed
    source field, this field gets the new name too.
    """
    for output in task.fields:
        for name in output.origin.sources:
            if name in change.removed:
                raise RequestWrong(
                    f"The file has no column {name}, which the transform {task.id} needs for {output.name}",
                    to=task.id,
                    hint="Ask the sender to add the column, or change the transform first.",
                )
    return replace(task, fields=tuple(_output(each, change.names) for each in task.fields))


def _output(output: OutputField, names: Mapping[str, str]) -> OutputField:
    name = names.get(output.name, output.name)
    return replace(output, name=name, origin=_origin(output.origin, names))


def _origin(origin: Origin, names: Mapping[str, str]) -> Origin:
    match origin:
        case FromField(name=name):
            return replace(origin, name=names[name])
        case Join(names=parts):
            return replace(origin, names=tuple(names[each] for each in parts))
        case Difference(first=first, second=second):
            return replace(origin, first=names[first], second=names[second])
        case _:
            return origin


def _after_transform(task: TransformTask, change: Renamed) -> Renamed:
    """The change of the rows after a transform, as later tasks get them. The fields that the transform makes
    do not change.
    """
    made = [each.name for each in task.fields]
    fields = (*change.fields, *(name for name in made if name not in change.fields))
    seen: dict[str, str] = {}
    for name in fields:
        if seen.setdefault(fold(name), name) != name:
            raise RequestWrong(
                f"{task.id} makes a field {name}, and the file has a column of that name",
                to=task.id,
                hint="Rename the field of the transform first.",
            )
    return Renamed(
        fields=fields,
        names={name: name for name in made} | dict(change.names),
        added=tuple(name for name in change.added if name not in made),
        removed=tuple(name for name in change.removed if name not in made),
    )


def _load(naming_of: NamingOf, load: LoadTask, change: Renamed) -> LoadTask:
    gone = [name for name in load.target.key if name in change.removed]
    if gone:
        raise RequestWrong(
            f"The file has no column {gone[0]}, which is part of the key of {load.target.table}",
            to=load.id,
            hint="Ask the sender to add the column, or load such files with a separate workflow.",
        )
    kept = tuple(
        replace(column, field=change.names[column.field])
        for column in load.target.columns
        if column.field in change.names
    )
    former = load.target
    if isinstance(former, ContactsTarget) and former.transactions is not None:
        former = replace(former, transactions=_transactions(former.transactions, change, load.id))
    target: Target = replace(
        former,
        columns=kept + tuple(Column(name=name, field=name) for name in change.added),
        key=tuple(change.names[name] for name in load.target.key),
    )
    if isinstance(target, ContactsTarget | EmployeesTarget):
        check_people(target, change.fields)
    elif isinstance(target, ResponsesTarget | RecordsTarget):
        check_data(target, change.fields)
    elif isinstance(target, RowsTarget):
        check_rows(target)
    elif isinstance(target, ObjectsTarget):
        check_objects(target)
    else:
        check_target(target, change.fields, naming_of(load.destination))
    return replace(load, target=target)


def _transactions(transactions: Transactions, change: Renamed, load: str) -> Transactions:
    for name in (transactions.date, *transactions.fields):
        if name in change.removed:
            raise RequestWrong(
                f"The file has no column {name}, which the transactions need",
                to=load,
                hint="Ask the sender to add the column, or load such files with a separate workflow.",
            )
    return replace(
        transactions,
        date=change.names[transactions.date],
        fields=tuple(change.names[name] for name in transactions.fields),
    )
