"""Compiles workflows: their tasks in order, and the rules for the tasks of one workflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.compile.extracts import extract_task
from bucketlift.definition.compile.loads import load_task
from bucketlift.definition.compile.transforms import transform_task
from bucketlift.definition.yaml.problems import Path
from bucketlift.model.notice import Occasion
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
from bucketlift.rules.transforms.fields import fields_of
from bucketlift.schema.document import WorkflowShape
from bucketlift.schema.loads import BaseLoadShape
from bucketlift.schema.tasks import ConditionShape, ExtractShape
from bucketlift.schema.transforms import TransformShape


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
        tags=tuple(shape.tags),
        expected=shape.expected,
    )
    _check_expected(made, path, compilation)
    _check_loaded(made, path, compilation)
    return made


def _check_expected(made: Workflow, path: Path, compilation: Compilation) -> None:
    """Check that each notice about missing files has an expected time."""
    for position, entry in enumerate(made.notify):
        if Occasion.SILENT in entry.when and entry.expected is None and made.expected is None:
            compilation.add_problem(
                "`silent` needs `expected`",
                (*path, "notify", position),
                'Write when: [silent] with expected: {every: weekday, at: "08:00"}.',
            )


def _tasks(shape: WorkflowShape, path: Path, compilation: Compilation) -> tuple[Task, ...]:
    extracts: list[str] = []
    sources: dict[str, tuple[RowField, ...]] = {}
    tasks: list[Task] = []
    for position, task in enumerate(shape.tasks):
        kind, part = task.part()
        place = (*path, "tasks", position, kind)
        match part:
            case ExtractShape():
                extract = extract_task(task.id, part, place, compilation)
                extracts.append(task.id)
                sources[task.id] = fields_of(extract.contract)
                tasks.append(extract)
            case TransformShape():
                transform, sources[task.id] = transform_task(task.id, part, place, sources, compilation)
                tasks.append(transform)
            case ConditionShape():
                later = [each.id for each in shape.tasks[position + 1 :]]
                tasks.append(_condition(task.id, part, place, extracts, later, compilation))
            case BaseLoadShape():
                tasks.append(load_task(task.id, part, place, sources, compilation))
    return tuple(tasks)


def _condition(
    task_id: str,
    shape: ConditionShape,
    path: Path,
    extracts: Collection[str],
    later: Sequence[str],
    compilation: Compilation,
) -> ConditionTask:
    """Compile a condition. ``extracts`` are the tasks before it; ``later`` are the IDs of the tasks after it."""
    test = shape.to_model()
    _check_measured(test, path, extracts, compilation)
    for word, named in (("then", shape.then), ("else", shape.otherwise)):
        for position, name in enumerate(named):
            compilation.check_known(name, later, (*path, word, position), "task after this condition named")
    if not later:
        compilation.add_problem(
            "no task depends on this condition",
            path,
            "Move the condition above the loads that it decides about.",
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


def _check_ids(shape: WorkflowShape, path: Path, compilation: Compilation) -> None:
    seen = Counter[str]()
    for position, task in enumerate(shape.tasks):
        seen[task.id] += 1
        if seen[task.id] == 2:
            place = (*path, "tasks", position, "id")
            compilation.add_problem(f"two tasks have the ID `{task.id}`", place, "Give each task its own ID.")


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
            what = f"no load uses the rows of the task `{task.id}`"
            compilation.add_problem(what, (*path, "tasks", position), hint)


def _sources_of(made: Workflow, load: LoadTask) -> set[str]:
    """The IDs of the extract task and of the transforms whose rows a load writes."""
    return {made.extract_of(load.source), *(task.id for task in made.transforms_to(load.source))}
