"""A workflow's tasks as a chain with branches."""

from __future__ import annotations

import pytest

from bucketlift.rules.chain import before, chain, find, free_id, move, put, remove

FILES = {"id": "files", "extract": {"kind": "s3"}}


def load(name):
    return {"id": name, "load": {"from": "files"}}


def condition(name, then=(), otherwise=()):
    lists = {key: list(ids) for key, ids in (("then", then), ("else", otherwise)) if ids}
    return {"id": name, "condition": {"all": ["files.rows > 0"]} | lists}


def document(*tasks):
    return {"title": "Nightly", "tasks": list(tasks)}


def drawn(document):
    """``files enough(then: a; else: b) c``."""
    return " ".join(map(_drawn, chain(document)))


def _drawn(link):
    branches = [
        f"{name}: {' '.join(map(_drawn, link.branch(name)))}"
        for name in ("then", "else")
        if link.branch(name)
    ]
    return f"{link.id}({'; '.join(branches)})" if branches else link.id


def test_a_condition_that_names_no_task_has_all_behind_it():
    assert drawn(document(FILES, condition("enough"), load("a"), load("b"))) == "files enough(then: a b)"


def test_a_task_is_under_the_last_condition_that_names_it():
    inner = condition("inner", then=["b"], otherwise=["c"])
    outer = condition("outer", then=["a", "inner", "b", "c"])
    nested = document(FILES, outer, load("a"), inner, load("b"), load("c"), load("d"))

    assert drawn(nested) == "files outer(then: a inner(then: b; else: c)) d"
    link = find(nested, "c")
    assert (link is not None, link and link.position) == (True, 5)


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (None, "new files enough(then: a; else: b) c"),
        ("files", "files new enough(then: a; else: b) c"),
        ("enough.then", "files enough(then: new a; else: b) c"),
        ("a", "files enough(then: a new; else: b) c"),
        ("enough.else", "files enough(then: a; else: new b) c"),
        ("enough", "files enough(then: a; else: b) new c"),
        ("c", "files enough(then: a; else: b) c new"),
        ("gone", "files enough(then: a; else: b) c new"),
    ],
)
def test_a_task_is_put_behind_a_place(after, wanted):
    before = document(FILES, condition("enough", ["a"], ["b"]), load("a"), load("b"), load("c"))

    assert drawn(put(before, load("new"), after)) == wanted


def test_what_is_put_in_a_branch_is_in_all_branches_around_it():
    inner = condition("inner", then=["b"])
    before = document(FILES, condition("outer", then=["inner", "b"]), inner, load("b"))

    after = put(before, load("new"), "b")

    assert [task["condition"]["then"] for task in after["tasks"][1:3]] == [
        ["inner", "b", "new"],
        ["b", "new"],
    ]


def test_a_task_behind_an_empty_condition_is_governed_by_it():
    assert drawn(put(document(FILES, condition("enough")), load("a"), "enough")) == "files enough(then: a)"


def test_a_task_of_the_same_id_is_replaced_where_it_stands():
    changed = {"id": "a", "load": {"from": "files", "table": "people"}}
    before = document(FILES, load("a"), load("b"))

    assert put(before, changed, "b") == document(FILES, changed, load("b"))


def test_tasks_under_a_removed_condition_stay_in_its_place():
    before = document(FILES, condition("enough", ["a"], ["b"]), load("a"), load("b"), load("c"))

    assert drawn(remove(before, "enough")) == "files a b c"


def test_a_condition_left_with_no_task_goes_before_it_takes_the_next_ones():
    before = document(FILES, condition("enough", ["a"]), load("a"), load("b"))

    assert drawn(remove(before, "a")) == "files b"


def test_a_condition_at_the_end_may_wait_for_its_tasks():
    before = document(FILES, condition("enough", ["a"]), load("a"))

    assert drawn(remove(before, "a")) == "files enough"


def test_tasks_move_within_their_branch():
    before = document(FILES, condition("enough", ["a", "b"]), load("a"), load("b"), load("c"))

    assert drawn(move(before, "b", -1)) == "files enough(then: b a) c"
    assert drawn(move(before, "a", -1)) == "files enough(then: a b) c"
    assert drawn(move(before, "c", -1)) == "files c enough(then: a b)"


def test_new_ids_are_numbered():
    assert (free_id(document(FILES), "files"), free_id(document(FILES), "people")) == ("files-2", "people")


def test_a_place_knows_the_tasks_before_it():
    assert before(document(FILES, load("a")), "a") == [FILES, load("a")]
    assert before(document(FILES, load("a")), None) == []
