"""Proofs at save time that no workflow feeds on results, and that one workflow acts on a file."""

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Field
from bucketlift.model.source import Selection, StoreId
from bucketlift.model.workflow import Delete, ExtractTask, Keep, Move, Rename, Workflow
from bucketlift.rules.loops import Loop, find_loops, refuse_loops


def store_of(account):
    return StoreId("lab:9000" if account == "lab" else "aws")


def an_extract(action, *, prefix="in/", pattern=None, bucket="drop", account="acme", task_id="files"):
    return ExtractTask(
        id=task_id,
        account=account,
        selection=Selection(bucket=bucket, prefix=prefix, pattern=pattern),
        contract=Contract(fields=(Field(name="id"),)),
        after_import=action,
    )


def a_workflow(key, *extracts):
    return Workflow(key=key, title=key, project="hr", tasks=extracts)


def found(extract, *others):
    named = [a_workflow(f"other-{number}", other) for number, other in enumerate(others, start=1)]
    return [loop.what for loop in find_loops(a_workflow("mine", extract), named, store_of)]


AGAIN = "the moved files would be selected again"
BOTH = "`mine` and `other-1` would act on the same files"


def test_a_rename_with_an_empty_prefix_is_refused():
    assert found(an_extract(Rename(prefix=""))) == ["a rename with an empty prefix changes nothing"]


@pytest.mark.parametrize(
    ("selection", "bucket", "prefix", "told"),
    [
        ("in/", "drop", "archive/", []),
        ("in/", "drop", "in/done/", [AGAIN]),
        ("in/", "drop", "", [AGAIN]),
        ("", "drop", "archive/", [AGAIN]),
        ("a", "drop", "a", [AGAIN]),
        ("ab", "drop", "a", []),
        ("in/", "archive", "", []),
        ("", "archive", "", []),
    ],
)
def test_a_move_must_lead_out_of_its_own_selection(selection, bucket, prefix, told):
    assert found(an_extract(Move(bucket=bucket, prefix=prefix), prefix=selection)) == told


def test_the_hint_says_what_would_lead_out():
    workflow = a_workflow("mine", an_extract(Move(bucket="drop", prefix="in/done/")))

    assert list(find_loops(workflow, [], store_of)) == [
        Loop(
            workflow="mine",
            task="files",
            what=AGAIN,
            hint="Move to a prefix that does not begin with `in/`, or to another bucket.",
        )
    ]


TAKES = "`other-1` would take the files that `mine` renames"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (an_extract(Keep()), [TAKES]),
        (an_extract(Keep(), pattern="*.csv"), [TAKES]),
        (an_extract(Keep(), prefix=""), [TAKES]),
        (an_extract(Keep(), prefix="in/done"), [TAKES]),
        (an_extract(Keep(), prefix="in/deeper/"), [TAKES]),
        (an_extract(Keep(), pattern="[!d]*"), []),
        (an_extract(Keep(), pattern="*.tsv"), []),
        (an_extract(Keep(), prefix="in/emp"), [TAKES]),  # in/employees/done-a.csv
        (an_extract(Keep(), prefix="out/"), []),
        (an_extract(Keep(), bucket="drop-2"), []),
        (an_extract(Keep(), account="lab"), []),
    ],
)
def test_a_rename_whose_result_another_workflow_would_take_is_refused(other, told):
    renaming = an_extract(Rename(prefix="done-"), pattern="*.csv")

    assert found(renaming, other) == told


@pytest.mark.parametrize(
    ("prefix", "told"), [("in/done-2026", [TAKES]), ("in/done-2025", []), ("in/2026-x/", [TAKES])]
)
def test_a_prefix_that_ends_inside_a_name_is_followed_through_the_rename(prefix, told):
    renaming = an_extract(Rename(prefix="done-"), prefix="in/2026-")

    assert found(renaming, an_extract(Keep(), prefix=prefix)) == told


def test_the_one_that_would_take_is_told_too_when_it_comes_second():
    taking, renaming = an_extract(Keep()), an_extract(Rename(prefix="done-"))

    assert found(taking, renaming) == ["`mine` would take the files that `other-1` renames"]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (an_extract(Delete()), [BOTH]),
        (an_extract(Delete(), prefix=""), [BOTH]),
        (an_extract(Delete(), prefix="in/deeper/", pattern="a*"), [BOTH]),
        (an_extract(Keep()), []),
        (an_extract(Delete(), pattern="*.tsv"), []),
        (an_extract(Delete(), prefix="out/"), []),
        (an_extract(Delete(), account="same-partition"), [BOTH]),
        (an_extract(Delete(), account="lab"), []),
    ],
)
def test_only_one_workflow_may_act_on_a_file(other, told):
    assert found(an_extract(Delete(), pattern="*.csv"), other) == told


def test_two_tasks_of_one_workflow_may_not_act_on_one_file_either():
    workflow = a_workflow("mine", an_extract(Delete()), an_extract(Delete(), task_id="more"))

    assert [(loop.task, loop.what) for loop in find_loops(workflow, [], store_of)] == [
        ("more", "two tasks of `mine` would act on the same files")
    ]


def test_a_workflow_is_not_compared_with_its_own_earlier_version():
    workflow = a_workflow("mine", an_extract(Delete()))

    assert list(find_loops(workflow, [workflow], store_of)) == []


def test_a_chain_of_moves_is_fine_until_it_comes_round():
    first = an_extract(Move(bucket="two"), bucket="one", prefix="")
    second = an_extract(Move(bucket="three"), bucket="two", prefix="")
    third = an_extract(Move(bucket="one"), bucket="three", prefix="")

    assert found(first, second) == []
    assert found(first, second, third) == [
        "the files would move in a circle: `mine` → `other-1` → `other-2` → `mine`"
    ]


def test_refusing_raises_the_first_of_them():
    with pytest.raises(RequestWrong) as refused:
        refuse_loops(
            a_workflow("mine", an_extract(Delete())), [a_workflow("b", an_extract(Delete()))], store_of
        )

    assert (refused.value.what, refused.value.to, refused.value.hint) == (
        "`mine` and `b` would act on the same files",
        "workflow mine, task files",
        "Let one of the tasks keep the files, or give the tasks prefixes or patterns that select different keys.",
    )
