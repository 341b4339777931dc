"""Condition tasks: from the file's shape to model values."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.problems import Path
from bucketlift.definition.tasks import ConditionShape, GroupShape
from bucketlift.model.workflow import AllOf, AnyOf, Comparison, ConditionTask, Test


def condition_task(
    task_id: str,
    shape: ConditionShape,
    path: Path,
    extracts: Collection[str],
    later: Sequence[str],
    compiling: Compiling,
) -> ConditionTask:
    """``extracts`` stand before it; ``later`` are the ids of the tasks after it."""
    _check_measured(shape, path, extracts, compiling)
    for word, named in (("then", shape.then), ("else", shape.otherwise)):
        for position, name in enumerate(named):
            compiling.known(name, later, (*path, word, position), "task after this condition named")
    if not later:
        compiling.wrong("the condition governs no task", path, "Put it before the loads that wait for it.")
    governs_all = not shape.then and not shape.otherwise
    then = tuple(later if governs_all else shape.then)
    return ConditionTask(id=task_id, test=_group(shape), then=then, otherwise=tuple(shape.otherwise))


def _group(shape: GroupShape) -> Test:
    tests = tuple(each if isinstance(each, Comparison) else _group(each) for each in shape.members)
    return AllOf(tests=tests) if shape.any is None else AnyOf(tests=tests)


def _check_measured(shape: GroupShape, path: Path, extracts: Collection[str], compiling: Compiling) -> None:
    word = "all" if shape.any is None else "any"
    for position, each in enumerate(shape.members):
        place = (*path, word, position)
        if isinstance(each, Comparison):
            compiling.known(each.task, extracts, place, "extract task before this condition named")
        else:
            _check_measured(each, place, extracts, compiling)
