"""Decides whether the conditions of two tasks exclude each other, so that no run executes both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from bucketlift.model.workflow import AllOf, AnyOf, Comparison, Operator, Test, Workflow

Answers = frozenset[tuple[str, bool]]
"""Conditions with the answer that a task needs."""
_NEGATED: dict[Operator, Operator] = {"=": "!=", "!=": "=", ">": "<=", "<=": ">", "<": ">=", ">=": "<"}


def exclude_each_other(workflow: Workflow, one: str, other: str) -> bool:
    """Whether no run executes both loads. False also if this cannot be decided by the two simple rules.

    Either both need different answers of one condition, or each needs a comparison of the same number, and no
    number meets both comparisons.
    """
    first, second = _needed(workflow, one), _needed(workflow, other)
    if any((condition, not answer) in second for condition, answer in first):
        return True
    tests = {each.id: each.test for each in workflow.conditions}
    facts = [
        [fact for condition, answer in needed for fact in _facts(tests[condition], answer)]
        for needed in (first, second)
    ]
    return any(_contradict(a, b) for a, b in product(*facts))


def _needed(workflow: Workflow, load: str) -> Answers:
    """The answers without which a load does not run."""
    task = next(each for each in workflow.loads if each.id == load)
    tasks = {
        load,
        workflow.extract_of(task.source),
        *(each.id for each in workflow.transforms_to(task.source)),
    }
    found, seen = set[tuple[str, bool]](), set[str]()
    while tasks := tasks - seen:
        task_id = tasks.pop()
        seen.add(task_id)
        for condition in workflow.conditions:
            named = (task_id in condition.then, task_id in condition.otherwise)
            if any(named):
                tasks.add(
                    condition.id
                )  # a condition that is itself not allowed blocks the tasks that it names
            if named in {(True, False), (False, True)}:
                found.add((condition.id, named[0]))
    return frozenset(found)


def _facts(test: Test, answer: bool) -> Iterator[Comparison]:  # noqa: FBT001 - the answer of the test
    """Comparisons that are all true if the test has this answer. Parts that leave a choice are left out."""
    if isinstance(test, Comparison):
        sign = test.operator if answer else _NEGATED[test.operator]
        yield Comparison(task=test.task, measure=test.measure, operator=sign, number=test.number)
    elif isinstance(test, AllOf if answer else AnyOf) or len(test.tests) == 1:
        for each in test.tests:
            yield from _facts(each, answer)


def _contradict(one: Comparison, other: Comparison) -> bool:
    """Whether no whole number meets both comparisons of the same measure."""
    if (one.task, one.measure) != (other.task, other.measure):
        return False
    operators = {one.operator, other.operator}
    if operators == {"=", "!="}:
        return one.number == other.number
    if "!=" in operators:
        return False
    (low, high), (from_, to) = _bounds(one), _bounds(other)
    return high < from_ or to < low


def _bounds(test: Comparison) -> tuple[float, float]:
    """The lowest and the highest whole number that meets a comparison other than ``!=``."""
    endless = float("inf")
    match test.operator:
        case "=":
            return test.number, test.number
        case ">":
            return test.number + 1, endless
        case ">=":
            return test.number, endless
        case "<":
            return -endless, test.number - 1
        case _:
            return -endless, test.number
