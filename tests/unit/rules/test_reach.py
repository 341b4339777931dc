"""Which folders a key prefix reaches if it does not end in a slash."""

import pytest

from bucketlift.model.contract import Contract
from bucketlift.model.source import Selection
from bucketlift.model.workflow import Delete, ExtractTask, Keep, Move, Rename
from bucketlift.rules import reach
from bucketlift.rules.reach import Reach, prefix_notes


def a_task(prefix, after_import=None):
    return ExtractTask(
        id="files",
        account="acme",
        selection=Selection(bucket="drop", prefix=prefix),
        contract=Contract(fields=()),
        after_import=after_import or Keep(),
    )


def a_reach(prefix, *keys):
    reached = Reach(prefix=prefix)
    for key in keys:
        reached.add(key)
    return reached


def test_folders_are_the_keys_up_to_the_next_slash_after_the_prefix_with_their_counts():
    reached = a_reach("in/emp", "in/emp/a.csv", "in/emp/x/b.csv", "in/employees-archive/c.csv", "in/emp.csv")

    assert reached.listed() == [
        {"folder": "in/emp*", "files": 1},
        {"folder": "in/emp/", "files": 2},
        {"folder": "in/employees-archive/", "files": 1},
    ]
    assert str(reached) == "in/emp* (1), in/emp/ (2), in/employees-archive/ (1)"


@pytest.mark.parametrize(
    ("prefix", "keys", "several"),
    [
        ("in/emp", ["in/emp/a.csv", "in/emp-old/a.csv"], True),
        ("in/emp", ["in/emp.csv", "in/emp-old/a.csv"], True),
        ("in/emp", ["in/employees/a.csv", "in/employees/b/c.csv"], False),
        ("in/emp", ["in/emp1.csv", "in/emp2.csv"], False),
        ("in/emp", [], False),
        ("in/", ["in/a/x.csv", "in/b/x.csv"], False),
        ("", ["a/x.csv", "b/x.csv"], False),
        ("é", ["é/x.csv", "éa/x.csv"], True),
    ],
)
def test_only_a_prefix_without_a_slash_reaches_several_folders_unexpectedly(prefix, keys, several):
    assert a_reach(prefix, *keys).is_several is several


def test_few_folders_are_listed_and_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(reach, "MOST", 30)

    reached = a_reach("d", *(f"d{number:03}/a.csv" for number in range(50)))

    assert len(reached.listed()) == reach.SHOWN
    assert len(reached.folders) == 30
    assert reached.uncounted == 20
    assert str(reached).endswith("d019/ (1), and 11 more")


@pytest.mark.parametrize("prefix", ["", "in/", "in/employees/"])
@pytest.mark.parametrize("action", [Delete(), Rename(prefix="done-"), Move(bucket="archive", prefix="done/")])
def test_whole_folders_need_no_note(prefix, action):
    assert list(prefix_notes(a_task(prefix, action))) == []


def test_a_partial_prefix_is_noted_with_what_happens_to_the_files_of_other_folders():
    (deleting,) = prefix_notes(a_task("in/emp", Delete()))
    (keeping,) = prefix_notes(a_task("in/emp"))

    assert deleting == (
        "prefix `in/emp` does not end in `/`: it loads and deletes every file whose key begins with it, also in "
        "other folders, such as `in/emp-old/`; to take one folder only, write its whole name with the `/`: `in/emp/`"
    )
    assert "it takes every file" in keeping


def test_a_move_without_a_slash_says_what_the_keys_become():
    (note,) = prefix_notes(a_task("in/", Move(bucket="archive", prefix="done")))

    assert note == (
        "prefix `done` of the move does not end in `/`: it is put before the whole key, so `in/...` becomes "
        "`donein/...`; write `done/` to move into a folder"
    )
