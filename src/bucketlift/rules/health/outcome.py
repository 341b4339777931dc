"""Decides the outcome of a run."""

from __future__ import annotations

from bucketlift.model.lifecycle import Outcome, RunState
from bucketlift.model.run import Run


def outcome_of(state: RunState, *, newly_held: int, paused: bool) -> Outcome:
    """The outcome of a run.

    A run that succeeded has issues if it held files or their actions, or if it could not delete, move or rename
    files because the outbox is paused.
    """
    if state is RunState.SUCCEEDED and (newly_held or paused):
        return Outcome.SUCCEEDED_WITH_ISSUES
    return Outcome(state.value)


def outcome_of_run(run: Run) -> Outcome:
    """The outcome of a run, also of a run of a version that did not record it."""
    return outcome_of(run.state, newly_held=run.newly_held, paused="paused" in (run.document or {}))
