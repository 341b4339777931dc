"""Reads one file exactly: from pinned bytes to staged rows and rejects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.context.spool import fetch
from bucketlift.engine.reading.refused_rows import refused_rows
from bucketlift.engine.reading.repeated_bytes import loaded_before
from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    ObjectArchived,
    ObjectChanged,
    ObjectEncrypted,
    ObjectGone,
    OurFault,
    Transient,
)
from bucketlift.model.claim import Claim
from bucketlift.model.contract import Contract, Dialect, Escapes, Policy
from bucketlift.model.hold import HeldReason, Hold, Verdict
from bucketlift.model.lifecycle import FileState
from bucketlift.model.mending import Shape
from bucketlift.model.packing import Unpacked
from bucketlift.model.rows import Reading, Reject
from bucketlift.model.transition import Content, Transition
from bucketlift.model.workflow import ExtractTask, Move, RejectLimit, Rename, Repeats
from bucketlift.ports import ObjectStore
from bucketlift.rules.naming import archive_place
from bucketlift.rules.take import fingerprint, repeats_of
from bucketlift.tabular.arrow.staging import open_rejects
from bucketlift.tabular.read.parts import read_parts
from bucketlift.tabular.read.request import ReadRequest

T = TypeVar("T")

DELETED = "The object was deleted before it was read"
OVERWRITTEN = "The object was overwritten before it was read"

_UNREADABLE = {
    ObjectArchived: (FileState.ARCHIVED_TIER, HeldReason.ARCHIVED_TIER),
    ObjectEncrypted: (FileState.HELD, HeldReason.CUSTOMER_KEY),
}

HELD_REJECTS = 1_000
"""Maximum number of rejects that are stored for a held file. Further rejects can be read again from the
object.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of reading one file."""

    transition: Transition
    rejects: Iterable[Reject] = ()
    """The rejects of the file. They can be read only once."""
    fault: BucketliftError | None = None

    @property
    def state(self) -> FileState:
        return self.transition.to


def read(context: RunContext, task: ExtractTask, store: ObjectStore, claim: Claim) -> Outcome:
    """Read one file into the spool."""
    return outcome_of(claim, lambda: _read(context, task, store, claim))


def read_fetched(context: RunContext, task: ExtractTask, claim: Claim, body: bytes) -> Outcome:
    """Read one file whose bytes are already fetched."""
    return outcome_of(claim, lambda: _read_bytes(context, task, claim, body))


def outcome_of(claim: Claim, do: Callable[[], T]) -> T | Outcome:
    """Call ``do`` for one file.

    An error becomes the outcome of this file, so that the work on the other files continues.
    """
    try:
        return do()
    except ObjectGone:
        return _unread(claim, FileState.GONE, "gone", DELETED)
    except ObjectChanged:
        return _unread(claim, FileState.SUPERSEDED, "superseded", OVERWRITTEN)
    except (ObjectArchived, ObjectEncrypted) as error:
        state, reason = _UNREADABLE[type(error)]
        return _ended(claim, state, reason, error.what, error.hint)
    except AccessRefused as error:
        return _failed(claim, error, HeldReason.NO_READ_PERMISSION)
    except BucketliftError as error:
        return _failed(claim, error, "not-read")
    except OSError as error:
        return _failed(
            claim, Transient(f"The spool cannot be used ({error.strerror})", to=str(claim.source)), "not-read"
        )
    except Exception as error:  # noqa: BLE001 - a defect in one file must not stop the others
        return _failed(
            claim,
            OurFault(f"Reading the file failed with {type(error).__name__}", to=str(claim.source)),
            "not-read",
        )


def _read(context: RunContext, task: ExtractTask, store: ObjectStore, claim: Claim) -> Outcome:
    refusal = refused_unread(task, claim)
    if refusal is not None:
        return refusal
    raw = context.services.spool.scratch()
    try:

        def fetched() -> str:
            size = claim.source.size
            with (
                store.open(claim.source) as body,
                context.track.file(claim, "fetching", total=size) as track,
            ):
                return fetch(
                    body, raw, size=size, check_cancelled=context.check_cancelled, on_bytes=track.update
                )

        return _read_raw(context, task, claim, raw, retry_transient(fetched))
    finally:
        raw.unlink(missing_ok=True)


def _read_bytes(context: RunContext, task: ExtractTask, claim: Claim, body: bytes) -> Outcome:
    raw = context.services.spool.scratch()
    try:
        raw.write_bytes(body)
        return _read_raw(context, task, claim, raw, hashlib.sha256(body).hexdigest())
    finally:
        raw.unlink(missing_ok=True)


def _read_raw(context: RunContext, task: ExtractTask, claim: Claim, raw: Path, sha256: str) -> Outcome:
    spool, checks = context.services.spool, context.checks(task)
    judged_by = fingerprint(task, checks)
    checks = replace(checks, refused=tuple(refused_rows(context, claim).values()))
    contract, limit = accepted_terms(task, claim)
    loaded = loaded_before(context, task, claim, sha256)
    if loaded is not None:
        return _repeated(context, task, claim, loaded, Content(sha256=sha256, contract=judged_by))
    spool.drop(claim.id)
    with context.services.codecs.unpacked(
        raw, task, accepted=claim.accepted, check_cancelled=context.check_cancelled
    ) as plain:
        if isinstance(plain, Hold):
            return _held(claim, plain, Content(sha256=sha256, contract=judged_by))
        if _is_empty(plain) and task.contract.policies.empty is Policy.IGNORE:
            return _ended(claim, FileState.SKIPPED, HeldReason.EMPTY, "The file is empty")
        size = sum(part.stat().st_size for part in plain.parts)
        with context.track.file(claim, "reading", total=size) as track:
            reading = read_parts(
                plain.parts,
                ReadRequest(
                    contract=contract,
                    staged=spool.staged(claim.id),
                    rejects=spool.rejects(claim.id),
                    max_rejected=limit,
                    checks=checks,
                    report=track.update,
                ),
            )
    content = content_of(contract, reading, sha256, judged_by, plain.notes)
    found = open_rejects(spool.rejects(claim.id)) if reading.rejected else iter(())
    if reading.hold is None:
        return staged(claim, content, found)
    kept = tuple(islice(found, HELD_REJECTS))
    spool.drop(claim.id)
    return _held(claim, _with_commands(reading.hold, claim), content, kept)


def content_of(
    contract: Contract, reading: Reading, sha256: str, judged_by: str, notes: tuple[str, ...] = ()
) -> Content:
    """The facts that the ledger stores about a file that was read. ``notes`` come from unpacking the file."""
    return Content(
        rows=reading.rows,
        rejected=reading.rejected,
        sha256=sha256,
        notes=(*notes, *reading.notes),
        contract=judged_by,
        shape=_shape(contract, reading.verdict),
    )


def staged(claim: Claim, content: Content, rejects: Iterable[Reject] = ()) -> Outcome:
    transition = Transition(claim=claim.id, was=claim.state, to=FileState.STAGED, content=content)
    return Outcome(transition=transition, rejects=rejects)


def _with_commands(hold: Hold, claim: Claim) -> Hold:
    """The hold, with a longer hint: commands that mend the rejects, or accept the file."""
    if hold.reason is not HeldReason.TOO_MANY_REJECTS:
        return hold
    ways = (
        f"Or mend the rejects: `bucketlift rejects export {claim.id} --to rejects.csv`, then `bucketlift rejects replay "
        f"{claim.id} rejects.csv`. Or load the file without them: `bucketlift files accept {claim.id}`."
    )
    return replace(hold, hint=f"{hold.hint} {ways}")


def _is_empty(plain: Unpacked) -> bool:
    return all(part.stat().st_size == 0 for part in plain.parts)


def refused_unread(task: ExtractTask, claim: Claim) -> Outcome | None:
    """The outcome of a file that is not read; None if the file must be read.

    A file is not read if it is empty, or if its archive key would be too long.
    """
    if isinstance(task.after_import, Move | Rename):
        place = archive_place(claim.source, task.after_import)
        if isinstance(place, Hold):
            return _held(claim, place, Content())
    if claim.source.size == 0 and task.contract.policies.empty is Policy.IGNORE:
        return _ended(claim, FileState.SKIPPED, HeldReason.EMPTY, "The object is empty")
    return None


def _shape(contract: Contract, verdict: Verdict | None) -> Shape | None:
    """The position of each field in the file. It is needed later to split a reject into cells."""
    if verdict is None:
        return None
    return Shape(columns=dict(zip(contract.names, verdict.positions, strict=True)), width=verdict.width)


def accepted_terms(task: ExtractTask, claim: Claim) -> tuple[Contract, RejectLimit]:
    """The contract and the reject limit for one file, changed so that accepted differences do not hold the
    file again.
    """
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
        policies = replace(policies, preamble=Policy.ACCEPT)
    if HeldReason.UNEXPECTED_LINES in accepted:
        policies = replace(policies, preamble=Policy.ACCEPT)
    if HeldReason.DOUBTFUL_ENCODING in accepted:
        policies = replace(policies, encoding=Policy.ACCEPT)
    limit = RejectLimit() if HeldReason.TOO_MANY_REJECTS in accepted else task.max_rejected
    dialect = _accepted_dialect(task.contract.dialect, accepted)
    return replace(task.contract, policies=policies, dialect=dialect), limit


def _accepted_dialect(dialect: Dialect, accepted: Collection[str]) -> Dialect:
    if HeldReason.UNEXPECTED_LINES in accepted:
        dialect = replace(dialect, expect=())
    if HeldReason.ROWS_BELOW_HEADER in accepted:
        dialect = replace(dialect, rows_below_header=0)
    if HeldReason.DOUBTFUL_ESCAPES in accepted:
        dialect = replace(dialect, escapes=Escapes.NONE)
    if HeldReason.DOUBTFUL_FOOTER in accepted:
        dialect = replace(dialect, footer_given=True)
    if HeldReason.DOUBTFUL_QUOTES in accepted:
        dialect = replace(dialect, quote=None, blank_around_quotes=False, quoted_lines=False)
    return dialect


def _held(claim: Claim, hold: Hold, content: Content, rejects: tuple[Reject, ...] = ()) -> Outcome:
    transition = Transition(
        claim=claim.id,
        was=claim.state,
        to=FileState.HELD,
        reason=hold.reason.value,
        what=hold.what,
        hint=hold.hint,
        content=content,
    )
    return Outcome(transition=transition, rejects=rejects)


def _repeated(
    context: RunContext, task: ExtractTask, claim: Claim, loaded: datetime, content: Content
) -> Outcome:
    what = f"the same bytes were loaded on {loaded:%Y-%m-%d %H:%M} UTC"
    if repeats_of(context.workflow, task) is Repeats.SKIP:
        return _ended(claim, FileState.SKIPPED, HeldReason.REPEATED_BYTES, what)
    hint = "Accept the file to load it again, or ignore it."
    return _held(claim, Hold(reason=HeldReason.REPEATED_BYTES, what=what, hint=hint), content)


def _ended(claim: Claim, state: FileState, reason: str, what: str, hint: str | None = None) -> Outcome:
    return Outcome(
        transition=Transition(
            claim=claim.id, was=claim.state, to=state, reason=str(reason), what=what, hint=hint
        )
    )


def was_unread(claim: Claim) -> bool:
    """Whether the previous run did not find the object, or found another one, although the listing shows the
    object.
    """
    return claim.what in (DELETED, OVERWRITTEN)


def _unread(claim: Claim, state: FileState, reason: str, what: str) -> Outcome:
    """The outcome of an object that differs from the listing.

    The first time, we assume that the object changed after the listing. If the next listing shows the same
    object again, the store contradicts itself, and the file is held.
    """
    if not was_unread(claim):
        return _ended(claim, state, reason, what)
    return _ended(
        claim,
        FileState.HELD,
        HeldReason.NOT_AS_LISTED,
        "The listing shows the object, and reading it found "
        + ("none" if state is FileState.GONE else "another one")
        + " in two runs: the store contradicts itself",
        "Run `bucketlift accounts doctor` with this workflow: it compares the store's listing with the objects. "
        "If the store encodes keys or changes ETags in its listing, its operator must correct it; then retry the file.",
    )


def _failed(claim: Claim, error: BucketliftError, reason: str) -> Outcome:
    ended = _ended(claim, FileState.RETRYING, reason, error.what, error.hint)
    return replace(ended, fault=error)
