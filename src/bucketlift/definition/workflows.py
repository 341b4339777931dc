"""Workflows: their tasks in order, and what must be true of them together."""

from __future__ import annotations

from collections import Counter

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.conditions import condition_task
from bucketlift.definition.document import WorkflowShape
from bucketlift.definition.extracts import extract_task
from bucketlift.definition.loads import load_task
from bucketlift.definition.notify import notify
from bucketlift.definition.problems import Path
from bucketlift.definition.triggers import triggers
from bucketlift.model.workflow import ExtractTask, Task, Workflow


def workflow(key: str, shape: WorkflowShape, project: str, compiling: Compiling) -> Workflow:
    path: Path = ("workflows", key)
    _check_ids(shape, path, compiling)
    made = Workflow(
        key=key,
        title=shape.title or key,
        project=project,
        tasks=_tasks(shape, path, compiling),
        enabled=shape.enabled,
        triggers=triggers(shape.triggers, (*path, "triggers"), compiling),
        notify=tuple(
            notify(each, (*path, "notify", position), compiling) for position, each in enumerate(shape.notify)
        ),
    )
    _check_loaded(made, path, compiling)
    return made


def _tasks(shape: WorkflowShape, path: Path, compiling: Compiling) -> tuple[Task, ...]:
    ids = [task.id for task in shape.tasks]
    extracts: dict[str, ExtractTask] = {}
    tasks: list[Task] = []
    for position, task in enumerate(shape.tasks):
        here = (*path, "tasks", position)
        if task.extract is not None:
            extracts[task.id] = extract_task(task.id, task.extract, (*here, "extract"), compiling)
            tasks.append(extracts[task.id])
        elif task.condition is not None:
            later = ids[position + 1 :]
            place = (*here, "condition")
            tasks.append(condition_task(task.id, task.condition, place, extracts, later, compiling))
        elif task.load is not None:
            tasks.append(load_task(task.id, task.load, (*here, "load"), extracts, compiling))
    return tuple(tasks)


def _check_ids(shape: WorkflowShape, path: Path, compiling: Compiling) -> None:
    seen = Counter[str]()
    for position, task in enumerate(shape.tasks):
        seen[task.id] += 1
        if seen[task.id] == 2:
            place = (*path, "tasks", position, "id")
            compiling.wrong(f"two tasks have the id `{task.id}`", place, "Give each task its own id.")


def _check_loaded(made: Workflow, path: Path, compiling: Compiling) -> None:
    if not made.extracts:
        compiling.wrong("the workflow extracts nothing", path, "Begin its tasks with an extract.")
    extracts = {task.id for task in made.extracts}
    if any(load.source not in extracts for load in made.loads):
        return  # told already, and it may be the load that is missed here
    for position, task in enumerate(made.tasks):
        if isinstance(task, ExtractTask) and not made.loads_from(task.id):
            hint = f"Add a load with `from: {task.id}` after it."
            compiling.wrong(f"nothing loads what `{task.id}` extracts", (*path, "tasks", position), hint)
