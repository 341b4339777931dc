"""The states of an occurrence and of a run, and the allowed transitions."""

from __future__ import annotations

from enum import StrEnum


class FileState(StrEnum):
    """The state of one occurrence in one extract task."""

    FOUND = "found"
    CLAIMED = "claimed"
    STAGED = "staged"
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

    @classmethod
    def _missing_(cls, value: object) -> FileState | None:
        """Accept a state that earlier versions had but never used."""
        return cls.STAGED if value == "loading" else None


BEGUN = frozenset({FileState.CLAIMED, FileState.STAGED})
"""States of a file that a run has started to process and has not finished."""
COMMITTED = frozenset({FileState.COMMITTED, FileState.ACTING, FileState.DONE, FileState.ACTION_HELD})
"""States of a file whose chosen loads are all committed. An action on its object may still be pending."""
OPEN = BEGUN | {FileState.HELD, FileState.RETRYING, FileState.ARCHIVED_TIER}
"""States of a file that is not loaded yet and may still be: held or unfinished."""
PENDING_ACTION = frozenset({FileState.COMMITTED, FileState.ACTING, FileState.ACTION_HELD})
"""States of a loaded file with a pending action."""
ATTENTION = (FileState.HELD, FileState.ACTION_HELD, FileState.ARCHIVED_TIER)
"""States of a file that waits for a person."""


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @classmethod
    def _missing_(cls, value: object) -> RunState | None:
        """Accept a state that earlier versions had but never used."""
        return cls.QUEUED if value == "waiting" else None


class Outcome(StrEnum):
    """What users see of a run: its state, but a run that succeeded and left work for a person has an outcome of
    its own.
    """

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    SUCCEEDED_WITH_ISSUES = "succeeded_with_issues"
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
            _F.COMMITTED,
            _F.DONE,
            _F.HELD,
            _F.SKIPPED,
            _F.RETRYING,
            _F.SUPERSEDED,
            _F.GONE,
            _F.ARCHIVED_TIER,
        }
    ),
    _F.COMMITTED: frozenset({_F.ACTING, _F.DONE, _F.ACTION_HELD, _F.HELD}),
    _F.ACTING: frozenset({_F.DONE, _F.ACTION_HELD, _F.HELD}),
    _F.ACTION_HELD: frozenset({_F.ACTING, _F.COMMITTED, _F.DONE, _F.HELD}),
    _F.HELD: frozenset({_F.CLAIMED, _F.RETRYING, _F.SKIPPED, _F.SUPERSEDED, _F.GONE, _F.ARCHIVED_TIER}),
    _F.RETRYING: frozenset({_F.CLAIMED, _F.HELD, _F.SKIPPED, _F.GONE, _F.SUPERSEDED, _F.ARCHIVED_TIER}),
    _F.SKIPPED: frozenset({_F.CLAIMED, _F.HELD, _F.RETRYING, _F.ARCHIVED_TIER}),
    _F.GONE: frozenset({_F.CLAIMED, _F.RETRYING, _F.HELD, _F.ARCHIVED_TIER}),
    _F.SUPERSEDED: frozenset({_F.CLAIMED, _F.RETRYING, _F.HELD, _F.ARCHIVED_TIER}),
    _F.ARCHIVED_TIER: frozenset({_F.CLAIMED, _F.RETRYING, _F.SKIPPED, _F.GONE, _F.SUPERSEDED}),
    _F.DONE: frozenset({_F.HELD, _F.COMMITTED}),
}
"""The allowed transitions of a file.

COMMITTED to DONE without ACTING: the file is kept, or its object was replaced before the action.
DONE to COMMITTED: the store reported that the object was replaced, but the listing shows the loaded object.
From a committed state to HELD: a person unloaded the file.
"""
