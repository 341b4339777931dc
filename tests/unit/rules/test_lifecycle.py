"""States and arrows."""

from __future__ import annotations

import pytest

from bucketlift.errors import IllegalMove
from bucketlift.model.claim import SKIPPED_BY_CONDITION, KeyFacts
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import ARROWS, FileState, RunState
from bucketlift.model.workflow import Repeats
from bucketlift.rules.lifecycle import move
from bucketlift.rules.take import Decision, take
from builders import a_claim, a_listing, a_source


def reachable(start: FileState) -> set[FileState]:
    seen, todo = set(), [start]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += ARROWS[state]
    return seen


def test_every_state_can_be_reached_from_found():
    assert reachable(FileState.FOUND) == set(FileState)


def test_every_state_leads_to_done():
    assert [state for state in FileState if FileState.DONE not in reachable(state)] == []


def test_nothing_that_was_committed_can_be_loaded_again_unless_a_person_has_it_unloaded():
    committed = {FileState.COMMITTED, FileState.ACTING, FileState.ACTION_HELD, FileState.DONE}

    assert {after for state in committed for after in ARROWS[state]} <= committed | {FileState.HELD}


def test_a_move_without_an_arrow_is_refused():
    with pytest.raises(IllegalMove, match="A file cannot go from done to claimed"):
        move(FileState.DONE, FileState.CLAIMED)


@pytest.mark.parametrize("state", sorted(set(FileState) - {FileState.FOUND}))
@pytest.mark.parametrize("reason", [None, *HeldReason, SKIPPED_BY_CONDITION])
def test_a_known_file_that_a_run_takes_again_has_arrows_to_where_it_is_pinned(state, reason):
    facts = KeyFacts(newest=a_source(), claim=a_claim(state=state, reason=reason, contract="old"))

    taken = take(a_listing(), facts, repeats=Repeats.HOLD, contract="new")

    if taken.decision is Decision.TAKE:
        assert {FileState.CLAIMED, FileState.ARCHIVED_TIER} - {state} <= ARROWS[state]


@pytest.mark.parametrize(("stored", "read"), [("loading", FileState.STAGED), ("held", FileState.HELD)])
def test_a_state_that_earlier_versions_named_is_read(stored, read):
    assert FileState(stored) is read


def test_a_run_state_that_earlier_versions_named_is_read():
    assert RunState("waiting") is RunState.QUEUED


def test_a_state_that_no_version_named_is_refused():
    with pytest.raises(ValueError, match="lost"):
        FileState("lost")
