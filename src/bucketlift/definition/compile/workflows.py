"""Compiles workflows: their tasks in order, and the rules that apply to them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.compile.extracts import extract_task
from bucketlift.definition.compile.people import contacts_load, employees_load
from bucketlift.definition.compile.transforms import Sources, transform_task
from bucketlift.definition.yaml.problems import Path
from bucketlift.errors import RequestWrong
from bucketlift.model.account import DirectoryDestination
from bucketlift.model.load import Column, Target, WriteMode
from bucketlift.model.transforms.transform import RowField, TransformTask
from bucketlift.model.workflow import (
    AllOf,
    Comparison,
    ConditionTask,
    ExtractTask,
    LoadTask,
    Task,
    Test,
    Workflow,
)
from bucketlift.rules.targets import NAMINGS, check_target
from bucketlift.rules.transforms import fields_of
from bucketlift.schema.document import WorkflowShape
from bucketlift.schema.tasks import ConditionShape, LoadShape


def workflow(key: str, shape: WorkflowShape, project: str, compilation: Compilation) -> Workflow:
    path: Path = ("workflows", key)
    _check_ids(shape, path, compilation)
    made = Workflow(
        key=key,
        title=shape.title or key,
        project=project,
        tasks=_tasks(shape, path, compilation),
        enabled=shape.enabled,
        triggers=tuple(shape.triggers),
        notify=tuple(shape.notify),
    )
    _check_loaded(made, path, compilation)
    return made


def _tasks(shape: WorkflowShape, path: Path, compilation: Compilation) -> tuple[Task, ...]:
    ids = [task.id for task in shape.tasks]
    extracts: list[str] = []
    sources: dict[str, tuple[RowField, ...]] = {}
    tasks: list[Task] = []
    for position, task in enumerate(shape.tasks):
        here = (*path, "tasks", position)
        if task.extract is not None:
            made = extract_task(task.id, task.extract, (*here, "extract"), compilation)
            extracts.append(task.id)
            sources[task.id] = fields_of(made.contract)
            tasks.append(made)
        elif task.transform is not None:
            place = (*here, "transform")
            transform, fields = transform_task(task.id, task.transform, place, sources, compilation)
            sources[task.id] = fields
            tasks.append(transform)
        elif task.condition is not None:
            later = ids[position + 1 :]
            place = (*here, "condition")
            tasks.append(_condition(task.id, task.condition, place, extracts, later, compilation))
        elif task.load is not None:
            tasks.append(_load(task.id, task.load, (*here, "load"), sources, compilation))
        elif task.load_contacts is not None:
            place = (*here, "load_contacts")
            tasks.append(contacts_load(task.id, task.load_contacts, place, sources, compilation))
        elif task.load_employees is not None:
            place = (*here, "load_employees")
            tasks.append(employees_load(task.id, task.load_employees, place, sources, compilation))
    return tuple(tasks)


def _condition(
    task_id: str,
    shape: ConditionShape,
    path: Path,
    extracts: Collection[str],
    later: Sequence[str],
    compilation: Compilation,
) -> ConditionTask:
    """Compile a condition. ``extracts`` precede it; ``later`` are the IDs of the tasks after it."""
    test = shape.to_model()
    _check_measured(test, path, extracts, compilation)
    for word, named in (("then", shape.then), ("else", shape.otherwise)):
        for position, name in enumerate(named):
            compilation.check_known(name, later, (*path, word, position), "task after this condition named")
    if not later:
        compilation.add_problem(
            "no task depends on this condition", path, "Put it before the loads that wait for it."
        )
    governs_all = not shape.then and not shape.otherwise
    then = tuple(later) if governs_all else shape.then
    return ConditionTask(id=task_id, test=test, then=then, otherwise=shape.otherwise)


def _check_measured(test: Test, path: Path, extracts: Collection[str], compilation: Compilation) -> None:
    if isinstance(test, Comparison):
        compilation.check_known(test.task, extracts, path, "extract task before this condition named")
        return
    word = "all" if isinstance(test, AllOf) else "any"
    for position, each in enumerate(test.tests):
        _check_measured(each, (*path, word, position), extracts, compilation)


def _load(task_id: str, shape: LoadShape, path: Path, sources: Sources, compilation: Compilation) -> LoadTask:
    """Compile a load. ``sources``: the extract tasks and transforms that precede it."""
    compilation.check_installed(shape.to, compilation.destinations.keys(), (*path, "to"), "destination")
    noun = "extract task or transform before this load named"
    compilation.check_known(shape.source, sources, (*path, "from"), noun)
    fields = sources.get(shape.source, ())
    columns = tuple(
        Column(name=column, field=field.name, type=field.type)
        for field in fields
        for column in shape.map.get(field.name, (field.name,))
    )
    # Only an upsert uses a key; a key with another mode would seem to have an effect.
    key = shape.key if shape.mode is WriteMode.UPSERT else ()
    target = Target(table=shape.table, columns=columns, mode=shape.mode, key=key, lineage=shape.lineage)
    if fields:
        _check_target(target, shape, [field.name for field in fields], path, compilation)
    return LoadTask(id=task_id, source=shape.source, destination=shape.to, target=target)


def _check_target(
    target: Target, shape: LoadShape, fields: Sequence[str], path: Path, compilation: Compilation
) -> None:
    named = [(name, (*path, "map", name)) for name in shape.map]
    named += [(name, (*path, "key", position)) for position, name in enumerate(shape.key)]
    unknown = [name for name, place in named if not compilation.check_known(name, fields, place, "field")]
    if unknown:
        return
    destination = compilation.destinations.get(shape.to)
    if destination is None:
        return
    if isinstance(destination, DirectoryDestination):
        compilation.add_problem(
            f"`{shape.to}` is a directory, which has no tables",
            (*path, "to"),
            "Load people with load_contacts or load_employees, or name a database.",
        )
        return
    try:
        check_target(target, fields, NAMINGS[destination.kind])
    except RequestWrong as error:
        compilation.add_error(error, path)


def _check_ids(shape: WorkflowShape, path: Path, compilation: Compilation) -> None:
    seen = Counter[str]()
    for position, task in enumerate(shape.tasks):
        seen[task.id] += 1
        if seen[task.id] == 2:
            place = (*path, "tasks", position, "id")
            compilation.add_problem(f"two tasks have the id `{task.id}`", place, "Give each task its own id.")


def _check_loaded(made: Workflow, path: Path, compilation: Compilation) -> None:
    if not made.extracts:
        compilation.add_problem("the workflow extracts nothing", path, "Make an extract the first task.")
    sources = {*(task.id for task in made.extracts), *(task.id for task in made.transforms)}
    named: tuple[TransformTask | LoadTask, ...] = (*made.transforms, *made.loads)
    if any(task.source not in sources for task in named):
        return  # a wrong source is reported already, and its correction may add the missing load
    loaded = {each for load in made.loads for each in _sources_of(made, load)}
    for position, task in enumerate(made.tasks):
        if isinstance(task, ExtractTask | TransformTask) and task.id not in loaded:
            hint = f"Add a load with `from: {task.id}` after it."
            what = f"nothing loads what `{task.id}` {task.kind}s"
            compilation.add_problem(what, (*path, "tasks", position), hint)


def _sources_of(made: Workflow, load: LoadTask) -> set[str]:
    """The extract task and the transforms whose rows a load writes."""
    return {made.extract_of(load.source), *(task.id for task in made.transforms_to(load.source))}
