"""Compiles loads: their source, their destination and their target."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.definition.compile.context import Compilation, Sources
from bucketlift.definition.compile.written_files import check_recipients
from bucketlift.definition.yaml.problems import Path
from bucketlift.errors import RequestWrong
from bucketlift.model.account import DestinationSettings, DirectoryDestination, QualtricsDestination
from bucketlift.model.directory.data_targets import RecordsTarget, ResponsesTarget
from bucketlift.model.directory.targets import ContactsTarget, EmployeesTarget
from bucketlift.model.load import RowsTarget, Target
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.workflow import LoadTask
from bucketlift.rules.delivery.rows import check_rows
from bucketlift.rules.directory.data_targets import check_data
from bucketlift.rules.directory.people_targets import check_people, lookalike_notes
from bucketlift.rules.directory.platform_targets import check_for_directory, check_for_platform
from bucketlift.rules.objects.targets import check_objects
from bucketlift.rules.receivers import misfit_of
from bucketlift.rules.targets import NAMINGS, check_target
from bucketlift.schema.loads import BaseLoadShape, LoadShape
from bucketlift.tabular.types.utc_times import time_reader


def load_task(
    task_id: str, shape: BaseLoadShape, path: Path, sources: Sources, compilation: Compilation
) -> LoadTask:
    """Compile a load. ``sources``: the extract tasks and transforms before the load."""
    compilation.check_installed(shape.to, compilation.destinations.keys(), (*path, "to"), "destination")
    fields = compilation.source_fields(shape.source, sources, path, "load")
    target = shape.to_target(fields)
    if fields:
        _check_target(target, shape, [field.name for field in fields], path, compilation)
    return LoadTask(id=task_id, source=shape.source, destination=shape.to, target=target)


def _check_target(
    target: Target, shape: BaseLoadShape, fields: Sequence[str], path: Path, compilation: Compilation
) -> None:
    if isinstance(target, ResponsesTarget):
        _check_times(target, path, compilation)
    named = [(name, (*path, "map", name)) for name in shape.map]
    if isinstance(shape, LoadShape):
        named += [(name, (*path, "key", position)) for position, name in enumerate(shape.key)]
    unknown = [name for name, place in named if not compilation.check_known(name, fields, place, "field")]
    fits = _check_destination(target, shape.to, (*path, "to"), compilation)
    destination = compilation.destinations.get(shape.to)
    if unknown or not fits:
        return
    try:
        _check_for_place(target, destination)
        if isinstance(target, ContactsTarget | EmployeesTarget):
            check_people(target, fields)
            compilation.notes.extend(lookalike_notes(target))
        elif isinstance(target, ResponsesTarget | RecordsTarget):
            check_data(target, fields)
        elif isinstance(target, RowsTarget):
            check_rows(target)
        elif isinstance(target, ObjectsTarget):
            check_objects(target)
            check_recipients(target, path, compilation)
        elif destination is not None:
            check_target(target, fields, NAMINGS[destination.kind])
    except RequestWrong as error:
        compilation.add_error(error, path)


def _check_for_place(target: Target, destination: DestinationSettings | None) -> None:
    if isinstance(destination, QualtricsDestination):
        check_for_platform(target, destination)
    elif isinstance(destination, DirectoryDestination):
        check_for_directory(target)


def _check_destination(target: Target, name: str, path: Path, compilation: Compilation) -> bool:
    """Whether the destination accepts a target of this kind. If the destination is unknown, the result is
    True.
    """
    settings = compilation.destinations.get(name)
    if settings is None:
        return True
    misfit = misfit_of(target, settings)
    if misfit is None:
        return True
    compilation.add_problem(f"`{name}` {misfit[0]}", path, misfit[1])
    return False


def _check_times(target: ResponsesTarget, path: Path, compilation: Compilation) -> None:
    """Check that the format and the time zone together give moments in UTC."""
    if target.date_format is None:
        return
    here = (*path, "date_format")
    try:
        reader = time_reader(target.date_format, target.time_zone)
    except RequestWrong as error:
        compilation.add_error(error, here)
        return
    if reader.type.tz is None:
        compilation.add_problem(
            "the times have no time zone", here, "Set `time_zone` as well, or use a format with %z."
        )
