"""Finds a file that kills its worker. After a worker's death, each file that it was processing is processed
alone.

The death of a worker is blamed on a file only if the worker processed no other file. The ledger records which files are in
progress before the work starts, and removes this record with the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bucketlift.engine.context.run_context import RunContext
from bucketlift.model.claim import Claim, ClaimId, Suspicion
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.transition import Attempt, Transition

T = TypeVar("T")

DEATHS = 5
"""Number of worker deaths after which a file is held. A death counts only if the file was processed alone."""


def group_suspects(items: Sequence[T], size: int, claim_of: Callable[[T], Claim]) -> list[Sequence[T]]:
    """Divide the items into groups of at most ``size``, in their order.

    An item whose file may have killed a worker is alone in its group.
    """
    groups: list[list[T]] = []
    open_for_more = False
    for item in items:
        trusted = claim_of(item).suspicion is None
        if trusted and open_for_more and len(groups[-1]) < size:
            groups[-1].append(item)
        else:
            groups.append([item])
        open_for_more = trusted
    return list(groups)


def begin(context: RunContext, claims: Sequence[Claim], *, load: bool = False) -> dict[ClaimId, Claim]:
    """Record that these claims are in progress. Returns the claims to process.

    With ``load``, also record that their loads start, and fix which load tasks load each file. A file that killed too many workers is held and left
    out. A file that a person has changed is left out.
    """
    if not claims:
        return {}
    alone = len(claims) == 1
    if alone and claims[0].suspicion is Suspicion.ALONE and claims[0].deaths + 1 >= DEATHS:
        _hold(context, claims[0])
        return {}
    mark = Suspicion.ALONE if alone else Suspicion.TOGETHER
    attempts = [
        Attempt(
            claim=claim,
            suspicion=mark,
            deaths=claim.deaths + (alone and claim.suspicion is Suspicion.ALONE),
            load=load,
            choice=context.choice_of(claim) if load else None,
        )
        for claim in claims
    ]
    begun = context.ledger.claims.begin(context.lease, attempts, now=context.now())
    return {each.claim.id: each.applied() for each in attempts if each.claim.id in begun}


def _hold(context: RunContext, claim: Claim) -> None:
    held = Transition(
        claim=claim.id,
        was=claim.state,
        to=FileState.HELD,
        reason=HeldReason.POISON.value,
        what=f"The worker died {DEATHS} times while it processed only this file",
        hint="Check the worker's memory limit and the file; then retry it.",
        deaths=0,
    )
    context.ledger.claims.record(context.lease, [held], now=context.now())
