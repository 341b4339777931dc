"""Evaluates conditions, and finds the tasks that they allow."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import assert_never

from bucketlift.model.workflow import AllOf, AnyOf, Comparison, LoadTask, Measure, Test, Workflow

Counts = Mapping[str, Mapping[Measure, int]]
"""Counts of each extract task. A task that did not run is not in the mapping."""

_OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def is_met(test: Test, counts: Counts) -> bool:
    match test:
        case Comparison(task=task, measure=measure, operator=sign, number=number):
            return _OPERATORS[sign](counts.get(task, {}).get(measure, 0), number)
        case AllOf(tests=tests):
            return all(is_met(each, counts) for each in tests)
        case AnyOf(tests=tests):
            return any(is_met(each, counts) for each in tests)
        case _:
            assert_never(test)


def allowed_tasks(workflow: Workflow, answers: Mapping[str, bool]) -> frozenset[str]:
    """The IDs of the tasks that no condition blocks.

    A blocked condition blocks every task that it names, and needs no answer. If several conditions name a
    task, the task runs only if all of them allow it.
    """
    kept_back: set[str] = set()
    for condition in workflow.conditions:
        named = set(condition.then) | set(condition.otherwise)
        if condition.id not in kept_back:
            named -= set(condition.then if answers[condition.id] else condition.otherwise)
        kept_back |= named
    return frozenset(task.id for task in workflow.tasks) - kept_back


def governed(workflow: Workflow, answers: Mapping[str, bool]) -> tuple[LoadTask, ...]:
    """The loads that these answers select, in the order of the file.

    A load is not selected if a condition blocks its extract task or a transform before it.
    """
    through = allowed_tasks(workflow, answers)
    return tuple(load for load in workflow.loads if {load.id, *_before(workflow, load)} <= through)


def _before(workflow: Workflow, load: LoadTask) -> set[str]:
    transforms = workflow.transforms_to(load.source)
    return {workflow.extract_of(load.source), *(task.id for task in transforms)}
