"""States and arrows."""

from __future__ import annotations

import pytest

from bucketlift.errors import IllegalMove
from bucketlift.model.lifecycle import ARROWS, FileState
from bucketlift.rules.lifecycle import move


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
