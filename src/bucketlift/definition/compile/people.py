"""Compiles the loads of people into a directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.compile.transforms import Sources
from bucketlift.definition.yaml.problems import Path
from bucketlift.errors import RequestWrong
from bucketlift.model.account import DirectoryDestination
from bucketlift.model.directory.targets import (
    IDENTIFIER,
    ContactsTarget,
    EmployeesTarget,
    contacts_target,
    employees_target,
)
from bucketlift.model.load import Column
from bucketlift.model.transforms.transform import RowField
from bucketlift.model.workflow import LoadTask
from bucketlift.rules.directory.people_targets import check_people, lookalikes
from bucketlift.schema.people import LoadContactsShape, LoadEmployeesShape


def contacts_load(
    task_id: str,
    shape: LoadContactsShape,
    path: Path,
    sources: Sources,
    compilation: Compilation,
) -> LoadTask:
    """Compile a load of contacts. ``sources``: the extract tasks and transforms that precede it."""
    fields = _fields(shape, path, sources, compilation)
    target = contacts_target(
        _columns(fields, shape.map),
        shape.merge,
        list=shape.list,
        transactions=shape.transactions,
        flag_invalid=shape.flag_invalid,
    )
    _check(target, shape, fields, path, compilation)
    return LoadTask(id=task_id, source=shape.source, destination=shape.to, target=target)


def employees_load(
    task_id: str,
    shape: LoadEmployeesShape,
    path: Path,
    sources: Sources,
    compilation: Compilation,
) -> LoadTask:
    """Compile a load of employees. The key field fills the unique identifier, and other columns only if the
    map names them.
    """
    fields = _fields(shape, path, sources, compilation)
    more = tuple(name for name in shape.map.get(shape.key, ()) if name != IDENTIFIER)
    columns = _columns(fields, {**shape.map, shape.key: (IDENTIFIER, *more)})
    target = employees_target(columns, shape.key)
    _check(target, shape, fields, path, compilation)
    return LoadTask(id=task_id, source=shape.source, destination=shape.to, target=target)


def _fields(
    shape: LoadContactsShape | LoadEmployeesShape,
    path: Path,
    sources: Sources,
    compilation: Compilation,
) -> Sequence[RowField]:
    compilation.check_installed(shape.to, compilation.destinations.keys(), (*path, "to"), "destination")
    noun = "extract task or transform before this load named"
    compilation.check_known(shape.source, sources, (*path, "from"), noun)
    return sources.get(shape.source, ())


def _columns(fields: Sequence[RowField], targets: Mapping[str, tuple[str, ...]]) -> tuple[Column, ...]:
    return tuple(
        Column(name=name, field=field.name, type=field.type)
        for field in fields
        for name in targets.get(field.name, (field.name,))
    )


def _check(
    target: ContactsTarget | EmployeesTarget,
    shape: LoadContactsShape | LoadEmployeesShape,
    fields: Sequence[RowField],
    path: Path,
    compilation: Compilation,
) -> None:
    if not fields:
        return
    names = [field.name for field in fields]
    unknown = [
        name for name in shape.map if not compilation.check_known(name, names, (*path, "map", name), "field")
    ]
    destination = compilation.destinations.get(shape.to)
    if destination is not None and not isinstance(destination, DirectoryDestination):
        compilation.add_problem(
            f"`{shape.to}` is not a directory",
            (*path, "to"),
            "Name a destination of `kind: directory`, or load a table with `load`.",
        )
    if unknown:
        return
    try:
        check_people(target, names)
    except RequestWrong as error:
        compilation.add_error(error, path)
        return
    for name, builtin in lookalikes(target):
        compilation.notes.append(
            f"`{name}` becomes a field of its own in the directory; if it is the built-in field `{builtin}`, "
            f"map it to `{builtin}`"
        )
