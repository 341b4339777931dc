"""Decides which listed objects a task takes, and why it leaves the others, from the listing and the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from bucketlift.model.claim import SKIPPED_BY_CONDITION, Claim, KeyFacts
from bucketlift.model.contract import added_settings
from bucketlift.model.hold import CONTRACT_REASONS, HeldReason
from bucketlift.model.lifecycle import COMMITTED, FileState
from bucketlift.model.load import WriteMode
from bucketlift.model.source import ListedObject
from bucketlift.model.transforms.row_checks import RowChecks
from bucketlift.model.workflow import ExtractTask, Repeats, Workflow
from bucketlift.rules.transforms.fields import checks_of


class Decision(StrEnum):
    """The possible decisions about one key of a listing. Their values are part of the output of a dry run."""

    TAKE = "take"
    KNOWN = "known"
    HELD = "held"
    REPEATED_HOLD = "repeated-hold"
    REPEATED_SKIP = "repeated-skip"
    BEFORE_START = "before-start"
    TOO_BIG = "too-big"
    BAD_LISTING = "bad-listing"
    MARKER = "marker"
    RENAMED = "renamed"
    PATTERN = "pattern"
    OURS = "ours"
    KEY_UNSTORABLE = "key-unstorable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The decision about one listed object, and the number of its occurrence."""

    decision: Decision
    occurrence: int
    reason: str


def fingerprint(task: ExtractTask, checks: RowChecks) -> str:
    """A hash of all settings that decide whether a file is held.

    If the hash changes, held files are checked again. A setting that a later version added is included only
    if it is set, so that an upgrade alone causes no new check.
    """
    keys = tuple(key.fields for key in checks.keys)
    judged_by = (task.contract, task.max_rejected, keys, task.pgp, task.compression, task.zip)
    added = [*added_settings(task.contract)]
    if checks.transforms:
        added.append(repr((checks.transforms, tuple(key.source for key in checks.keys))))
    if checks.demands:
        added.append(repr(checks.demands))
    return hashlib.sha256("".join([repr(judged_by), *added]).encode()).hexdigest()[:16]


def contracts_of(workflow: Workflow) -> dict[str, str]:
    """The fingerprint of each extract task's current contract."""
    return {task.id: fingerprint(task, checks_of(workflow, task.id)) for task in workflow.extracts}


def repeats_of(workflow: Workflow, task: ExtractTask) -> Repeats:
    """The policy of a task for bytes that were loaded before. The default holds a file if the same bytes would be
    appended twice; upserts and replacements load the file again.
    """
    modes = {load.target.mode for load in workflow.loads_from(task.id)}
    return task.repeats or (Repeats.HOLD if WriteMode.APPEND in modes else Repeats.LOAD)


def same_object(listed: ListedObject, facts: KeyFacts) -> bool:
    """Whether a listed object is the newest occurrence of its key in the ledger, not a new arrival.

    It is the newest occurrence if ETag and size are equal. If Bucketlift has removed this occurrence and the
    removal is confirmed, it is a new arrival.
    """
    newest = facts.newest
    return (
        newest is not None and not facts.removed and (newest.etag, newest.size) == (listed.etag, listed.size)
    )


def take(
    listed: ListedObject,
    facts: KeyFacts,
    *,
    repeats: Repeats,
    contract: str,
    unit_free: bool = True,
) -> Taken:
    """Decide about an object whose key is selected.

    ``contract`` is the fingerprint of the current contract. ``unit_free``: no file blocks the replace unit
    any more, so a file that is held only because of another file is tried again.
    """
    taken = _take(listed, facts, repeats=repeats, contract=contract, unit_free=unit_free)
    if listed.defect and taken.decision is Decision.TAKE:
        return replace(taken, decision=Decision.BAD_LISTING, reason=listed.defect)
    return taken


def _take(
    listed: ListedObject, facts: KeyFacts, *, repeats: Repeats, contract: str, unit_free: bool
) -> Taken:
    if facts.written_by_us:
        return Taken(decision=Decision.RENAMED, occurrence=0, reason="renamed by this workflow")
    if facts.newest is not None and same_object(listed, facts):
        occurrence = facts.newest.occurrence
        if facts.claim is not None:
            return _again(facts.claim, occurrence, contract=contract, unit_free=unit_free)
    else:
        occurrence = max(facts.last, facts.newest.occurrence if facts.newest else 0) + 1
    if facts.same_bytes_loaded is None or repeats is Repeats.LOAD:
        return Taken(decision=Decision.TAKE, occurrence=occurrence, reason="new")
    since = f"the same bytes were loaded on {facts.same_bytes_loaded:%Y-%m-%d %H:%M} UTC"
    decision = Decision.REPEATED_HOLD if repeats is Repeats.HOLD else Decision.REPEATED_SKIP
    return Taken(decision=decision, occurrence=occurrence, reason=since)


def _again(claim: Claim, occurrence: int, *, contract: str, unit_free: bool) -> Taken:
    decision, reason = _decide_again(claim, contract=contract, unit_free=unit_free)
    return Taken(decision=decision, occurrence=occurrence, reason=reason)


def _decide_again(claim: Claim, *, contract: str, unit_free: bool) -> tuple[Decision, str]:
    if claim.state in COMMITTED:
        return Decision.KNOWN, "loaded before"
    if claim.state is FileState.SKIPPED:
        if claim.reason == SKIPPED_BY_CONDITION:
            return Decision.TAKE, "skipped by a condition before"
        return Decision.KNOWN, f"skipped: {claim.reason}"
    if claim.state is FileState.ARCHIVED_TIER:
        return Decision.HELD, "in an archive tier"
    if claim.state is not FileState.HELD:
        return Decision.TAKE, "not finished by an earlier run"
    if claim.reason == HeldReason.MEMBER_HELD and unit_free:
        return Decision.TAKE, "the file that blocked its replacement is no longer held"
    if claim.reason in CONTRACT_REASONS and claim.contract != contract:
        return Decision.TAKE, "held before; the contract has changed since"
    return Decision.HELD, f"held: {claim.what or claim.reason}"
