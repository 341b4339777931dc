"""States of an occurrence and of a run, as data: which may follow which."""

from __future__ import annotations

from enum import StrEnum


class FileState(StrEnum):
    """Where one occurrence stands for one extract task."""

    FOUND = "found"
    CLAIMED = "claimed"
    STAGED = "staged"
    LOADING = "loading"
    COMMITTED = "committed"
    ACTING = "acting"
    DONE = "done"
    HELD = "held"
    ACTION_HELD = "action-held"
    RETRYING = "retrying"
    SKIPPED = "skipped"
    GONE = "gone"
    SUPERSEDED = "superseded"
    ARCHIVED_TIER = "archived-tier"


BEGUN = frozenset({FileState.CLAIMED, FileState.STAGED, FileState.LOADING})
"""A run has begun with the file and is not through with it."""
LOADABLE = frozenset({FileState.STAGED, FileState.LOADING})
"""States from which a file is loaded."""
COMMITTED = frozenset({FileState.COMMITTED, FileState.ACTING, FileState.DONE, FileState.ACTION_HELD})
"""Every load chosen for the file is committed, whatever is still to be done to its object."""
OPEN = frozenset(FileState) - COMMITTED - {FileState.SKIPPED, FileState.GONE, FileState.SUPERSEDED}
"""Not loaded, and not given up: held, or unfinished."""
ATTENTION = (FileState.HELD, FileState.ACTION_HELD, FileState.ARCHIVED_TIER)
"""States in which a file waits for a person."""


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


_F = FileState

ARROWS: dict[FileState, frozenset[FileState]] = {
    _F.FOUND: frozenset({_F.CLAIMED, _F.SKIPPED, _F.HELD, _F.ARCHIVED_TIER}),
    _F.CLAIMED: frozenset(
        {_F.CLAIMED, _F.STAGED, _F.HELD, _F.RETRYING, _F.SKIPPED, _F.GONE, _F.SUPERSEDED, _F.ARCHIVED_TIER}
    ),
    _F.STAGED: frozenset(
        {
            _F.CLAIMED,
            _F.LOADING,
            _F.COMMITTED,
            _F.DONE,
            _F.HELD,
            _F.SKIPPED,
            _F.RETRYING,
            _F.SUPERSEDED,
            _F.GONE,
        }
    ),
    _F.LOADING: frozenset({_F.CLAIMED, _F.COMMITTED, _F.DONE, _F.HELD, _F.RETRYING, _F.SUPERSEDED, _F.GONE}),
    _F.COMMITTED: frozenset({_F.ACTING, _F.DONE, _F.ACTION_HELD, _F.HELD}),
    _F.ACTING: frozenset({_F.DONE, _F.ACTION_HELD, _F.HELD}),
    _F.ACTION_HELD: frozenset({_F.ACTING, _F.COMMITTED, _F.DONE, _F.HELD}),
    _F.HELD: frozenset({_F.CLAIMED, _F.RETRYING, _F.SKIPPED, _F.SUPERSEDED, _F.GONE}),
    _F.RETRYING: frozenset({_F.CLAIMED, _F.HELD, _F.SKIPPED, _F.GONE, _F.SUPERSEDED, _F.ARCHIVED_TIER}),
    _F.SKIPPED: frozenset({_F.CLAIMED, _F.HELD, _F.RETRYING}),
    _F.GONE: frozenset({_F.CLAIMED, _F.RETRYING, _F.HELD}),
    _F.SUPERSEDED: frozenset({_F.CLAIMED, _F.RETRYING, _F.HELD}),
    _F.ARCHIVED_TIER: frozenset({_F.CLAIMED, _F.RETRYING, _F.SKIPPED, _F.GONE, _F.SUPERSEDED}),
    _F.DONE: frozenset({_F.HELD}),
}
"""COMMITTED to DONE without ACTING: the file is kept, or its object was replaced before the action.

From a committed state to HELD: a person had its rows taken out again.
"""
