"""What a condition answers, and which loads the answers choose."""

import pytest

from bucketlift.model.contract import Contract, Field
from bucketlift.model.load import Column, Target
from bucketlift.model.source import Selection
from bucketlift.model.workflow import (
    AllOf,
    AnyOf,
    Comparison,
    ConditionTask,
    ExtractTask,
    Keep,
    LoadTask,
    Measure,
    Workflow,
)
from bucketlift.rules.condition import allowed_tasks, governed, is_met

COUNTS = {"files": {Measure.FILES: 3, Measure.ROWS: 10, Measure.REJECTED: 0}}


def compared(measure, operator, number, task="files"):
    return Comparison(task=task, measure=measure, operator=operator, number=number)


SOME_ROWS = compared(Measure.ROWS, ">", 0)
NO_FILES = compared(Measure.FILES, "=", 0)


def an_extract(task_id="files"):
    contract = Contract(fields=(Field(name="id"),))
    return ExtractTask(
        id=task_id,
        account="acme",
        selection=Selection(bucket="drop"),
        contract=contract,
        after_import=Keep(),
    )


def a_load(task_id, source="files"):
    target = Target(table=task_id, columns=(Column(name="id", field="id"),))
    return LoadTask(id=task_id, source=source, destination="warehouse", target=target)


def a_workflow(*tasks):
    return Workflow(key="nightly", title="Nightly", project="hr", tasks=tasks)


@pytest.mark.parametrize(
    ("operator", "answers"),
    [
        ("=", [False, True, False]),
        ("!=", [True, False, True]),
        (">", [True, False, False]),
        (">=", [True, True, False]),
        ("<", [False, False, True]),
        ("<=", [False, True, True]),
    ],
)
def test_each_operator_compares_the_measure_with_the_number(operator, answers):
    asked = [is_met(compared(Measure.ROWS, operator, number), COUNTS) for number in (9, 10, 11)]

    assert asked == answers


def test_groups_nest():
    test = AllOf(tests=(SOME_ROWS, AnyOf(tests=(NO_FILES, compared(Measure.REJECTED, "<=", 100)))))

    assert is_met(test, COUNTS)


def test_all_needs_each_and_any_needs_one():
    assert not is_met(AllOf(tests=(SOME_ROWS, NO_FILES)), COUNTS)
    assert is_met(AnyOf(tests=(NO_FILES, SOME_ROWS)), COUNTS)
    assert not is_met(AnyOf(tests=(NO_FILES,)), COUNTS)


def test_a_task_that_did_not_run_counted_nothing():
    assert is_met(compared(Measure.BYTES, "=", 0, task="other"), COUNTS)


def test_an_answer_lets_its_own_branch_through():
    enough = ConditionTask(id="enough", test=SOME_ROWS, then=("people",), otherwise=("empty-days",))
    workflow = a_workflow(an_extract(), enough, a_load("people"), a_load("empty-days"), a_load("audit"))

    assert [load.id for load in governed(workflow, {"enough": True})] == ["people", "audit"]
    assert [load.id for load in governed(workflow, {"enough": False})] == ["empty-days", "audit"]


def test_a_condition_that_is_kept_back_keeps_back_both_its_branches():
    outer = ConditionTask(id="outer", test=SOME_ROWS, then=("inner",))
    inner = ConditionTask(id="inner", test=NO_FILES, then=("people",), otherwise=("audit",))
    workflow = a_workflow(an_extract(), outer, inner, a_load("people"), a_load("audit"))

    assert governed(workflow, {"outer": False}) == ()
    assert [load.id for load in governed(workflow, {"outer": True, "inner": False})] == ["audit"]


def test_a_task_that_two_conditions_name_needs_both():
    one = ConditionTask(id="one", test=SOME_ROWS, then=("people",))
    two = ConditionTask(id="two", test=SOME_ROWS, otherwise=("people",))
    workflow = a_workflow(an_extract(), one, two, a_load("people"))

    chosen = [
        (first, second)
        for first in (True, False)
        for second in (True, False)
        if governed(workflow, {"one": first, "two": second})
    ]

    assert chosen == [(True, False)]


def test_a_load_whose_extract_is_kept_back_is_not_chosen():
    enough = ConditionTask(id="enough", test=SOME_ROWS, then=("more",))
    workflow = a_workflow(an_extract(), enough, an_extract("more"), a_load("people"), a_load("rest", "more"))

    assert allowed_tasks(workflow, {"enough": False}) == {"files", "enough", "people", "rest"}
    assert [load.id for load in governed(workflow, {"enough": False})] == ["people"]
