"""Checks the lease before calls that the ledger cannot refuse."""

from __future__ import annotations

from bucketlift.errors import LeaseLost
from bucketlift.ledger.runs.runs import Runs
from bucketlift.model.run import Lease


def require_lease(runs: Runs, lease: Lease) -> None:
    """Check in the ledger that a lease is still valid.

    Raises:
        LeaseLost: the lease is invalid, and will not become valid again.
    """
    if not runs.holds(lease):
        raise taken_over(lease)


def taken_over(lease: Lease) -> LeaseLost:
    return LeaseLost(
        "Another worker has taken this run over",
        to=lease.workflow,
        hint="The other worker continues the run.",
    )
