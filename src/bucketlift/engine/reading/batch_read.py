"""Reads the files of a batch, and records how each ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bucketlift.engine.context.run_context import Work
from bucketlift.engine.reading.group_read import read_several
from bucketlift.engine.reading.poison_files import begin, suspects_alone
from bucketlift.engine.reading.read_file import Outcome, read
from bucketlift.errors import BucketliftError, NeedsPerson
from bucketlift.model.claim import Claim, ClaimId, Member
from bucketlift.model.lifecycle import LOADABLE, FileState
from bucketlift.model.rows import Reject
from bucketlift.model.workflow import ExtractTask
from bucketlift.rules.lifecycle import move

GROUP = 64
"""Files whose outcomes are recorded in one transaction."""


def stage(work: Work, task_id: str, batch: int) -> None:
    """Read the files of a batch that were not read yet; each ends staged, held, skipped or to be retried."""
    task = work.extract(task_id)
    members = [
        member
        for member in work.tools.manifests.batch(work.run, task_id, batch)
        if not member.staged and (member.again or member.claim.state is FileState.CLAIMED)
    ]
    if not members:
        return
    _warn(work, task)
    store = work.tools.connections.store(work.workflow.key, task)
    done, ended = 0, Counter[FileState]()
    for group in suspects_alone(members, GROUP, lambda member: member.claim):
        begun = begin(work, [member.claim for member in group if not member.again])
        to_read = [member for member in group if member.again or member.claim.id in begun]
        outcomes = read_several(work, task, store, to_read)
        _record(work, task, outcomes)
        ended.update(outcome.state for _, outcome in outcomes)
        done += len(group)
        work.tell("reading", task_id, done, len(members))
    work.tools.spool.trim()
    words = ", ".join(f"{count:,} {state.value}" for state, count in sorted(ended.items()))
    work.say(f"Batch {batch} read: {words or 'nothing'}", task=task_id)


def _warn(work: Work, task: ExtractTask) -> None:
    """Tell the run's log once of keys that will not do for long."""
    for warning in work.tools.codecs.warnings(task):
        if (task.id, warning) not in work.said:
            work.said.add((task.id, warning))
            work.say(warning, task=task.id, level="warning")


def _record(work: Work, task: ExtractTask, outcomes: Sequence[tuple[Member, Outcome]]) -> None:
    changes: list[tuple[Claim, dict[str, Any]]] = []
    rejects: dict[ClaimId, Iterable[Reject]] = {}
    staged = []
    for member, outcome in outcomes:
        claim = member.claim
        fault = _known_no_longer_fits(claim, outcome) if member.again else outcome.fault
        if fault is not None:
            work.fault(task.id, fault)
        if outcome.state is FileState.STAGED:
            staged.append(claim.id)
            rejects[claim.id] = outcome.rejects
        if member.again:
            continue
        rejects[claim.id] = outcome.rejects
        state = move(claim.state, outcome.state)
        changes.append((claim, {"state": state.value, "suspicion": None, **outcome.values}))
    work.tools.files.record(work.lease, changes, now=work.now(), rejects=rejects, staged=(work.run, staged))


def _known_no_longer_fits(claim: Claim, outcome: Outcome) -> BucketliftError | None:
    """A loaded file that a replace unit needs again, and that cannot be read now: why."""
    if outcome.state is FileState.STAGED or outcome.fault is not None:
        return outcome.fault
    return NeedsPerson(
        str(outcome.values.get("what") or outcome.state.value),
        to=f"{claim.source}, loaded before and needed again to replace the table",
        hint=str(outcome.values.get("hint") or ""),
    )


def still_staged(work: Work, claim: Claim) -> bool:
    """Whether a file's rows are in the spool, read again from the pinned object where they were lost."""
    work.heed()
    if work.tools.spool.has(claim.id):
        return True
    task = work.extract(claim.task)
    outcome = read(work, task, work.tools.connections.store(work.workflow.key, task), claim)
    if outcome.state is FileState.STAGED:
        return True
    if outcome.fault is not None:
        work.fault(task.id, outcome.fault)
    if claim.state in LOADABLE:
        change = {"state": move(claim.state, outcome.state).value, **outcome.values}
        work.tools.files.record(work.lease, [(claim, change)], now=work.now())
    return False
