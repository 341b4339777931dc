"""Checks the state transitions of a file."""

from __future__ import annotations

from bucketlift.errors import IllegalMove
from bucketlift.model.lifecycle import ARROWS, FileState


def move(old: FileState, new: FileState) -> FileState:
    """Check a transition. Returns the new state.

    Raises:
        IllegalMove: the transition is not allowed.
    """
    if new not in ARROWS[old]:
        raise IllegalMove(f"A file cannot go from {old.value} to {new.value}")
    return new
