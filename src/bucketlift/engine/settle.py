"""Says of each file of a batch what its loads came to: committed, skipped, or to be tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bucketlift.engine.context.run_context import Work, chosen_for
from bucketlift.model.claim import SKIPPED_BY_CONDITION, Claim, ClaimReceipt
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import LOADABLE, FileState
from bucketlift.rules.lifecycle import move


def settle(work: Work, task: str, batch: int, chosen: Sequence[str]) -> None:
    """A file that every load chosen for it has committed goes to the outbox with its action, fixed now."""
    _settle(work, task, batch, chosen, loaded_only=False)


def settle_loaded(work: Work) -> None:
    """Where a run is cancelled: the same for the files that are loaded; the others are left as they are."""
    run = work.tools.runs.get(work.run)
    chosen = (run.answers or {}).get("chosen", ())
    for task, batches in (run.manifest or {}).items():
        for batch in range(batches):
            _settle(work, task, batch, chosen, loaded_only=True)


def _settle(work: Work, task: str, batch: int, chosen: Sequence[str], *, loaded_only: bool) -> None:
    files, extract = work.tools.files, work.extract(task)
    members = work.tools.manifests.batch(work.run, task, batch)
    claims = [each.claim for each in members if not each.again and each.claim.state in LOADABLE]
    receipts = files.receipts([claim.id for claim in claims])
    faults = work.tools.runs.get(work.run).faults
    committed, others = [], []
    for claim in claims:
        wanted = chosen_for(claim, work.workflow, chosen)
        missing = [load.id for load in wanted if load.id not in receipts.get(claim.id, {})]
        removed = _removed(claim, work, receipts.get(claim.id, {}))
        if claim.choice is None and not wanted:
            others.append(_skipped(claim))
        elif removed:
            others.append(_held(claim, removed))
        elif missing:
            fault = next((faults[load] for load in missing if load in faults), None)
            what = fault.what if fault else f"Not loaded by {', '.join(missing)}"
            others.append(_retried(claim, what, fault.hint if fault else ""))
        else:
            committed.append((claim.id, extract.after_import))
    if not loaded_only:
        files.record(work.lease, others, now=work.now())
    work.tools.outbox.commit(work.lease, committed, now=work.now())
    if committed:
        work.say(f"Batch {batch}: {len(committed):,} loaded by all their loads", task=task)
    if others and not loaded_only:
        work.say(f"Batch {batch}: {len(others):,} not loaded, and left to a later run", task=task)
    for member in members:
        work.tools.spool.drop(member.claim.id)


def _skipped(claim: Claim) -> tuple[Claim, dict[str, Any]]:
    state = move(claim.state, FileState.SKIPPED)
    what = "The conditions of this run chose no loader for it"
    hint = "The next run takes it again."
    return claim, {
        "state": state.value,
        "reason": SKIPPED_BY_CONDITION,
        "what": what,
        "hint": hint,
        "suspicion": None,
    }


def _retried(claim: Claim, what: str, hint: str) -> tuple[Claim, dict[str, Any]]:
    state = move(claim.state, FileState.RETRYING)
    return claim, {
        "state": state.value,
        "reason": "not-loaded",
        "what": what,
        "hint": hint,
        "suspicion": None,
    }


def _removed(claim: Claim, work: Work, receipts: Mapping[str, ClaimReceipt]) -> list[str]:
    """Loads that the file was to go to, that the workflow no longer has, and that never loaded it."""
    if HeldReason.LOADER_REMOVED in claim.accepted:
        return []
    there = {load.id for load in work.workflow.loads}
    return [load for load in claim.choice or () if load not in there and load not in receipts]


def _held(claim: Claim, removed: list[str]) -> tuple[Claim, dict[str, Any]]:
    return claim, {
        "state": move(claim.state, FileState.HELD).value,
        "reason": HeldReason.LOADER_REMOVED.value,
        "what": f"It was to be loaded by {', '.join(removed)} too, which the workflow no longer has",
        "hint": "Put the task back under its id and retry the file, or accept it without that load.",
        "suspicion": None,
    }
