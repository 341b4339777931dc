"""Reads the files of a batch, and records the outcome of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.reading.group_read import read_group
from bucketlift.engine.reading.poison_files import begin, group_suspects
from bucketlift.engine.reading.read_file import Outcome, read
from bucketlift.errors import BucketliftError, NeedsPerson
from bucketlift.model.claim import Claim, ClaimId, Member
from bucketlift.model.lifecycle import FileState
from bucketlift.model.rows import Reject
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import ExtractTask

GROUP = 64
"""Maximum number of files whose outcomes are recorded in one transaction."""


def stage(context: RunContext, task_id: str, batch: int) -> list[Member]:
    """Read the files of a batch that were not read yet.

    Afterwards each file is staged, held or skipped, or must be retried.

    Returns the manifest entries of the batch with their new states. A file that a person changed during the read is
    not staged.
    """
    members = context.ledger.manifests.batch(context.run, task_id, batch)
    unread = [each for each in members if _is_unread(each)]
    if not unread:
        return members
    task = context.extract(task_id)
    _warn(context, task)
    store = context.services.connections.store(context.workflow.key, task)
    read, ended = dict[ClaimId, Member](), Counter[FileState]()
    done = 0
    for group in group_suspects(unread, GROUP, lambda member: member.claim):
        begun = begin(context, [member.claim for member in group if not member.again])
        to_read = [
            replace(member, claim=begun.get(member.claim.id, member.claim))
            for member in group
            if member.again or member.claim.id in begun
        ]
        outcomes = read_group(context, task, store, to_read)
        read |= {member.claim.id: member for member in _record(context, task, outcomes)}
        ended.update(outcome.state for _, outcome in outcomes)
        done += len(group)
        context.report("reading", task_id, done, len(unread))
    context.services.spool.trim()
    words = ", ".join(f"{count:,} {state.value}" for state, count in sorted(ended.items()))
    context.log(f"Batch {batch} read: {words or 'nothing'}", task=task_id)
    return [read.get(each.claim.id, each) for each in members]


def _is_unread(member: Member) -> bool:
    return not member.staged and (member.again or member.claim.state is FileState.CLAIMED)


def _warn(context: RunContext, task: ExtractTask) -> None:
    """Log a warning for each PGP key that has expired or expires soon, once per run."""
    for warning in context.services.codecs.warnings(task):
        if (task.id, warning) not in context.logged:
            context.logged.add((task.id, warning))
            context.log(warning, task=task.id, level="warning")


def _record(
    context: RunContext, task: ExtractTask, outcomes: Sequence[tuple[Member, Outcome]]
) -> list[Member]:
    """Record the outcomes in the ledger.

    Returns the manifest entries with their new states, without those that a person changed.
    """
    transitions: list[Transition] = []
    rejects: dict[ClaimId, Iterable[Reject]] = {}
    staged = []
    for member, outcome in outcomes:
        claim = member.claim
        fault = _misfit_of_loaded(claim, outcome) if member.again else outcome.fault
        if fault is not None:
            context.fault(task.id, fault)
        if outcome.state is FileState.STAGED:
            staged.append(claim.id)
            rejects[claim.id] = outcome.rejects
        if not member.again:
            rejects[claim.id] = outcome.rejects
            transitions.append(outcome.transition)
    moved = context.ledger.claims.record(
        context.lease, transitions, now=context.now(), rejects=rejects, staged=(context.run, staged)
    )
    return [
        replace(
            member,
            claim=member.claim if member.again else outcome.transition.applied(member.claim),
            staged=outcome.state is FileState.STAGED,
        )
        for member, outcome in outcomes
        if member.again or member.claim.id in moved
    ]


def _misfit_of_loaded(claim: Claim, outcome: Outcome) -> BucketliftError | None:
    """The error if a replace unit needs a loaded file again and the file cannot be read now; otherwise None."""
    if outcome.state is FileState.STAGED or outcome.fault is not None:
        return outcome.fault
    return NeedsPerson(
        outcome.transition.what or outcome.state.value,
        to=f"{claim.source}, loaded before and needed again to replace the table",
        hint=outcome.transition.hint or "",
    )


def still_staged(context: RunContext, claim: Claim) -> bool:
    """Whether the spool has the file's rows.

    If they were lost, they are read again from the pinned object.
    """
    context.check_cancelled()
    if context.services.spool.has(claim.id):
        return True
    task = context.extract(claim.task)
    outcome = read(context, task, context.services.connections.store(context.workflow.key, task), claim)
    if outcome.state is FileState.STAGED:
        return True
    if outcome.fault is not None:
        context.fault(task.id, outcome.fault)
    if claim.state is FileState.STAGED:
        context.ledger.claims.record(context.lease, [outcome.transition], now=context.now())
    return False
