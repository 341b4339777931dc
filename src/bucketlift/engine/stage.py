"""Reads a batch of files exactly: pinned bytes to staged rows and rejects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from bucketlift.engine.retry import patiently
from bucketlift.engine.spool import fetch
from bucketlift.engine.suspects import begin, suspects_alone
from bucketlift.engine.work import Work, side_by_side
from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    NeedsPerson,
    ObjectArchived,
    ObjectChanged,
    ObjectGone,
    OurFault,
    Transient,
)
from bucketlift.model.claim import Claim, ClaimId, Member
from bucketlift.model.contract import Contract, HeldReason, Hold, Policy, Verdict
from bucketlift.model.lifecycle import LOADABLE, FileState
from bucketlift.model.packing import Unpacked
from bucketlift.model.rows import Reject
from bucketlift.model.workflow import ExtractTask, Move, RejectLimit, Rename
from bucketlift.ports import ObjectStore
from bucketlift.rules.lifecycle import move
from bucketlift.rules.naming import archive_place
from bucketlift.rules.take import fingerprint
from bucketlift.tabular.parts import read_parts
from bucketlift.tabular.staging import open_rejects

HELD_REJECTS = 1_000
"""Rejects kept of a held file; the rest is made again from the source."""
GROUP = 64
"""Files whose outcomes are recorded in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the reading of one file ended: its next state and what the ledger keeps with it."""

    state: FileState
    values: dict[str, Any] = field(default_factory=dict)
    rejects: Iterable[Reject] = ()
    """Pulled once."""
    fault: BucketliftError | None = None


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
        outcomes = side_by_side(lambda member: _read_unless_cancelled(work, task, store, member), to_read)
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


def _read_unless_cancelled(work: Work, task: ExtractTask, store: ObjectStore, member: Member) -> Outcome:
    work.heed()
    return read(work, task, store, member.claim)


def read(work: Work, task: ExtractTask, store: ObjectStore, claim: Claim) -> Outcome:
    """Read one file into the spool."""
    try:
        return _read(work, task, store, claim)
    except ObjectGone:
        return _ended(FileState.GONE, "gone", "The object was deleted before it was read")
    except ObjectChanged:
        return _ended(FileState.SUPERSEDED, "superseded", "The object was overwritten before it was read")
    except ObjectArchived as error:
        return _ended(FileState.ARCHIVED_TIER, HeldReason.ARCHIVED_TIER, error.what, error.hint)
    except AccessRefused as error:
        return _failed(error, HeldReason.NO_READ_PERMISSION)
    except BucketliftError as error:
        return _failed(error, "not-read")
    except OSError as error:
        return _failed(
            Transient(f"The spool cannot be used ({error.strerror})", to=str(claim.source)), "not-read"
        )
    except Exception as error:  # noqa: BLE001 - a defect met in one file must not keep the others back
        return _failed(
            OurFault(f"Reading it broke off with {type(error).__name__}", to=str(claim.source)), "not-read"
        )


def _read(work: Work, task: ExtractTask, store: ObjectStore, claim: Claim) -> Outcome:
    refusal = _refused_unread(task, claim)
    if refusal is not None:
        return refusal
    spool, raw = work.tools.spool, work.tools.spool.scratch()
    contract, limit = accepted_terms(task, claim)
    try:

        def fetched() -> str:
            size = claim.source.size
            with (
                store.open(claim.source) as body,
                work.track.file(claim, "fetching", total=size) as track,
            ):
                return fetch(body, raw, size=size, heed=work.heed, tell=track.tell)

        sha256 = patiently(fetched)
        with work.tools.codecs.unpacked(raw, task, accepted=claim.accepted, heed=work.heed) as plain:
            if isinstance(plain, Hold):
                return _held(plain, {"sha256": sha256, "contract": fingerprint(task, work.keys(task))}, ())
            if _is_empty(plain) and task.contract.policies.empty is Policy.IGNORE:
                return _ended(FileState.SKIPPED, HeldReason.EMPTY, "The file has no byte")
            size = sum(part.stat().st_size for part in plain.parts)
            with work.track.file(claim, "reading", total=size) as track:
                reading = read_parts(
                    plain.parts,
                    contract=contract,
                    staged=spool.staged(claim.id),
                    rejects=spool.rejects(claim.id),
                    max_rejected=limit,
                    keys=work.keys(task),
                    tell=track.tell,
                )
    finally:
        raw.unlink(missing_ok=True)
    values = {
        "rows": reading.rows,
        "rejected": reading.rejected,
        "sha256": sha256,
        "notes": [*plain.notes, *reading.notes],
        "contract": fingerprint(task, work.keys(task)),
        "shape": _shape(contract, reading.verdict),
    }
    found = open_rejects(spool.rejects(claim.id)) if reading.rejected else iter(())
    if reading.hold is None:
        return Outcome(
            state=FileState.STAGED,
            values=values | {"reason": None, "what": None, "hint": None},
            rejects=found,
        )
    kept = tuple(islice(found, HELD_REJECTS))
    spool.drop(claim.id)
    return _held(_with_ways_out(reading.hold, claim), values, kept)


def _with_ways_out(hold: Hold, claim: Claim) -> Hold:
    """With the commands that a person can give."""
    if hold.reason is not HeldReason.TOO_MANY_REJECTS:
        return hold
    ways = (
        f"Mend them: `bucketlift rejects export {claim.id} --to rejects.csv`, then `rejects replay {claim.id} "
        f"rejects.csv`; or load the file without them: `bucketlift files accept {claim.id}`; or upload a mended file, "
        "or raise max_rejected."
    )
    return replace(hold, hint=ways)


def _is_empty(plain: Unpacked) -> bool:
    return all(part.stat().st_size == 0 for part in plain.parts)


def _refused_unread(task: ExtractTask, claim: Claim) -> Outcome | None:
    """What can be said without a byte of the file: an empty one, or a place it could never be moved to."""
    terms = {"contract": None}
    if isinstance(task.after_import, Move | Rename):
        place = archive_place(claim.source, task.after_import)
        if isinstance(place, Hold):
            return _held(place, terms, ())
    if claim.source.size == 0 and task.contract.policies.empty is Policy.IGNORE:
        return _ended(FileState.SKIPPED, HeldReason.EMPTY, "The object has no byte")
    return None


def _shape(contract: Contract, verdict: Verdict | None) -> dict[str, Any] | None:
    """Where the file has each field, as the ledger keeps it: a reject can be split by it later."""
    if verdict is None:
        return None
    columns = dict(zip(contract.names, verdict.positions, strict=True))
    return {"columns": columns, "width": verdict.width}


def accepted_terms(task: ExtractTask, claim: Claim) -> tuple[Contract, RejectLimit]:
    """The contract and limit for one file: what a person accepted of it holds it no more."""
    policies, accepted = task.contract.policies, claim.accepted
    if HeldReason.EXTRA_COLUMN in accepted:
        policies = replace(policies, extra=Policy.IGNORE)
    if HeldReason.REORDERED_COLUMNS in accepted:
        policies = replace(policies, reordered=Policy.ACCEPT)
    if HeldReason.RESPELLED_COLUMNS in accepted:
        policies = replace(policies, respelled=Policy.ACCEPT)
    if HeldReason.BLANK_COLUMN in accepted:
        policies = replace(policies, blank=Policy.IGNORE)
    if HeldReason.PREAMBLE in accepted:
        policies = replace(policies, preamble=Policy.IGNORE)
    if HeldReason.DOUBTFUL_ENCODING in accepted:
        policies = replace(policies, encoding=Policy.ACCEPT)
    limit = RejectLimit() if HeldReason.TOO_MANY_REJECTS in accepted else task.max_rejected
    return replace(task.contract, policies=policies), limit


def _held(hold: Hold, values: dict[str, Any], rejects: tuple[Reject, ...]) -> Outcome:
    said = {"reason": hold.reason.value, "what": hold.what, "hint": hold.hint}
    return Outcome(state=FileState.HELD, values=values | said, rejects=rejects)


def _ended(state: FileState, reason: str, what: str, hint: str | None = None) -> Outcome:
    return Outcome(state=state, values={"reason": str(reason), "what": what, "hint": hint})


def _failed(error: BucketliftError, reason: str) -> Outcome:
    values = {"reason": str(reason), "what": error.what, "hint": error.hint}
    return Outcome(state=FileState.RETRYING, values=values, fault=error)


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
    if work.tools.spool.staged(claim.id).exists():
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
