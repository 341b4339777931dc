"""Which loads of a file are still to be done: those that were chosen and have no receipt in the destination."""

from __future__ import annotations

from unittest.mock import Mock

from bucketlift.engine.loading.load import _without_receipt
from bucketlift.engine.settle import _ended
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import Receipt, load_ids
from builders import NOON, a_claim, a_load, a_source, a_workflow, an_extract


def a_context(**attributes):
    return Mock(workflow=a_workflow(an_extract(), a_load()), slug="2:nightly", task_slug=str, **attributes)


def test_a_file_whose_chosen_load_was_removed_is_held_and_no_loads_are_chosen_anew():
    claim = a_claim(state=FileState.STAGED, choice=("removed",))

    ended = _ended(a_context(loads_of=lambda _: ()), claim, {}, (), {})

    assert ended is not None
    assert (ended.to, ended.reason) == (FileState.HELD, HeldReason.LOADER_REMOVED.value)


def test_a_file_for_which_the_conditions_chose_no_load_is_skipped():
    claim = a_claim(state=FileState.STAGED, choice=None)

    ended = _ended(a_context(loads_of=lambda _: ()), claim, {}, (), {})

    assert ended is not None
    assert ended.to is FileState.SKIPPED


def test_only_a_file_without_a_receipt_in_the_destination_is_loaded():
    task = a_load()
    done, open_ = (
        a_claim(a_source(f"in/{name}.csv"), id=name, load_begun=True, choice=("people",)) for name in "ab"
    )
    (loaded, *_), (to_load, *_) = (
        load_ids("2:nightly", "people", "people", each.source) for each in (done, open_)
    )
    receipt = Receipt(load=loaded, table="people", inserted=1, updated=0, unchanged=0, committed_at=NOON)
    loader = Mock(receipts=lambda _: {loaded: receipt})

    assert _without_receipt(a_context(), task, loader, [done, open_]) == [(to_load, open_)]
