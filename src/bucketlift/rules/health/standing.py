"""Decides how a workflow does. A workflow may be in several of these groups at once."""

from __future__ import annotations

from enum import StrEnum

from bucketlift.model.lifecycle import Outcome


class Health(StrEnum):
    """The groups of workflows on the page Home, most urgent first."""

    FAILED = "failed"
    """The last run that ended failed."""
    ATTENTION = "attention"
    """Files need a decision, or a run loaded an unusual number of rows."""
    LATE = "late"
    """A run or a file is not there by its time."""
    RUNNING = "running"
    """A run is queued or running."""
    HEALTHY = "healthy"
    """Switched on, and in none of the groups above, except that it may be running."""
    OFF = "off"


def health_of(
    *, is_on: bool, last: Outcome | None, is_running: bool, is_late: bool, needs_attention: bool
) -> frozenset[Health]:
    """The groups of a workflow. ``last`` is the outcome of the last run that ended.

    A workflow that is switched off is neither failed nor late: nothing is expected of it.
    """
    troubles = {
        Health.FAILED: is_on and last is Outcome.FAILED,
        Health.ATTENTION: needs_attention,
        Health.LATE: is_on and is_late,
    }
    found = {health for health, applies in troubles.items() if applies}
    if not is_on:
        found.add(Health.OFF)
    elif not found:
        found.add(Health.HEALTHY)
    return frozenset(found | ({Health.RUNNING} if is_running else set()))
