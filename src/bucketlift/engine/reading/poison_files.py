"""Finds the file that kills its worker: after a death the suspects are tried alone.

A death counts against a file only when the file was worked on alone. Who is worked on is marked in the ledger
before, and unmarked with the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bucketlift.engine.context.run_context import Work
from bucketlift.model.claim import Claim, ClaimId, Suspicion
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.rules.lifecycle import move

T = TypeVar("T")

DEATHS = 5
"""Deaths of a worker over one file, alone, after which the file is held."""


def suspects_alone(items: Sequence[T], size: int, claim_of: Callable[[T], Claim]) -> list[Sequence[T]]:
    """The items, in their order, in groups of at most ``size``; each suspect is a group of its own."""
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


def begin(work: Work, claims: Sequence[Claim], *, load: bool = False) -> frozenset[ClaimId]:
    """Mark who is worked on from now, and that a load was begun where one is; those to work on are answered.

    Left out are a file that has killed too often, which is held, and those that a person was quicker with.
    """
    if not claims:
        return frozenset()
    alone = len(claims) == 1
    if alone and claims[0].suspicion is Suspicion.ALONE and claims[0].deaths + 1 >= DEATHS:
        _hold(work, claims[0])
        return frozenset()
    mark = Suspicion.ALONE if alone else Suspicion.TOGETHER
    changes = [
        (
            claim,
            {
                "suspicion": mark.value,
                "deaths": claim.deaths + (alone and claim.suspicion is Suspicion.ALONE),
                **({"load_begun": True} if load else {}),
            },
        )
        for claim in claims
    ]
    return work.tools.files.record(work.lease, changes, now=work.now())


def _hold(work: Work, claim: Claim) -> None:
    change = {
        "state": move(claim.state, FileState.HELD).value,
        "reason": HeldReason.POISON.value,
        "what": f"The worker died {DEATHS} times while it worked on this file alone",
        "hint": "Look at the worker's memory limit and at the file; then retry it.",
        "suspicion": None,
        "deaths": 0,
    }
    work.tools.files.record(work.lease, [(claim, change)], now=work.now())
