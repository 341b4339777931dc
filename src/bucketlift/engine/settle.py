"""Says of each file of a batch what its loads came to: committed, skipped, or to be tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bucketlift.engine.work import Work, chosen_for
from bucketlift.model.claim import SKIPPED_BY_CONDITION, Claim, ClaimId
from bucketlift.model.lifecycle import FileState
from bucketlift.rules.lifecycle import move

_LOADABLE = frozenset({FileState.STAGED, FileState.LOADING})


def settle(work: Work, task: str, batch: int, chosen: Sequence[str]) -> None:
    """A file that every load chosen for it has committed goes to the outbox with its action, fixed now."""
    files, extract = work.tools.files, work.extract(task)
    members = files.batch(work.run, task, batch)
    claims = [each.claim for each in members if not each.again and each.claim.state in _LOADABLE]
    receipts = files.receipts([claim.id for claim in claims])
    faults = work.tools.runs.get(work.run).faults
    committed, others = [], []
    for claim in claims:
        wanted = chosen_for(claim, work.workflow, chosen)
        missing = [load.id for load in wanted if load.id not in receipts.get(claim.id, {})]
        if claim.choice is None and not wanted:
            others.append(_skipped(claim))
        elif missing:
            fault = next((faults[load] for load in missing if load in faults), None)
            what = fault.what if fault else f"Not loaded by {', '.join(missing)}"
            others.append(_retried(claim, what, fault.hint if fault else ""))
        else:
            committed.append((claim.id, extract.after_import))
    files.record(work.lease, others, now=work.now())
    work.tools.outbox.commit(work.lease, committed, now=work.now())
    for member in members:
        work.tools.spool.drop(member.claim.id)


def _skipped(claim: Claim) -> tuple[ClaimId, dict[str, Any]]:
    state = move(claim.state, FileState.SKIPPED)
    what = "The conditions of this run chose no loader for it"
    hint = "The next run takes it again."
    return claim.id, {
        "state": state.value,
        "reason": SKIPPED_BY_CONDITION,
        "what": what,
        "hint": hint,
        "suspicion": None,
    }


def _retried(claim: Claim, what: str, hint: str) -> tuple[ClaimId, dict[str, Any]]:
    state = move(claim.state, FileState.RETRYING)
    return claim.id, {
        "state": state.value,
        "reason": "not-loaded",
        "what": what,
        "hint": hint,
        "suspicion": None,
    }
