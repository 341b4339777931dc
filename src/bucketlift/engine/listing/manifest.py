"""Pins a run's manifest: the exact occurrences that the run takes, from the listing and the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bucketlift.engine.cleanup.cleanup import hold_still_listed
from bucketlift.engine.context.run_context import RunContext, replaces
from bucketlift.engine.listing.listing_preview import ListedKey, preview_listing
from bucketlift.engine.listing.restore import (
    RESTORE_IT,
    UNSEEN,
    explain_unseen,
    mark_restored,
    request_restores,
)
from bucketlift.engine.reading.read_file import was_unread
from bucketlift.errors import BucketliftError, ListingRaced
from bucketlift.model.claim import SOURCE_REPLACED, Claim, Pinned
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import ExtractTask, Order
from bucketlift.rules.decision import REASONS
from bucketlift.rules.legible import legible
from bucketlift.rules.take import Decision

BATCH_FILES = 1_000
BATCH_BYTES = 1 << 30


@dataclass(slots=True)
class Batches:
    """Divides files into batches. One step stages a batch, and one transaction may load it."""

    number: int = 0
    files: int = 0
    bytes: int = 0
    position: int = 0

    def place(self, size: int) -> tuple[int, int]:
        """Choose the position and the batch of the next file."""
        if self.files and (self.files >= BATCH_FILES or self.bytes + size > BATCH_BYTES):
            self.number, self.files, self.bytes = self.number + 1, 0, 0
        self.files += 1
        self.bytes += size
        self.position += 1
        return self.position, self.number

    @property
    def total(self) -> int:
        return self.number + 1 if self.position else 0


def pin(context: RunContext) -> dict[str, int]:
    """Pin the manifests of all extract tasks. Returns the number of batches of each task.

    A manifest that is already pinned is not changed.
    """
    pinned = context.ledger.runs.get(context.run).manifest
    if pinned is not None:
        return pinned
    context.ledger.manifests.unpin(context.run, context.lease)
    batches: dict[str, int] = {}
    known: dict[str, int] = {}
    for task in context.workflow.extracts:
        try:
            batches[task.id], known[task.id] = _pin_whole(context, task)
        except BucketliftError as error:
            # An incomplete listing does not count. The next run takes the objects in it.
            context.fault(task.id, error)
            context.ledger.manifests.unpin(context.run, context.lease, task.id)
            batches[task.id] = 0
    context.ledger.manifests.seal(context.run, context.lease, batches, known, now=context.now())
    return batches


def _pin_whole(context: RunContext, task: ExtractTask) -> tuple[int, int]:
    try:
        return _pin_task(context, task)
    except ListingRaced:
        context.ledger.manifests.unpin(context.run, context.lease, task.id)
        return _pin_task(context, task)


def _pin_task(context: RunContext, task: ExtractTask) -> tuple[int, int]:
    """Pin the manifest of one task.

    Returns the number of batches, and the number of selected keys that were not taken.
    """
    manifests, batches = context.ledger.manifests, Batches()
    waiting = context.ledger.survey.open_claims(context.workflow.key, task.id)
    unseen, seen_keys = dict(waiting), set()
    keys = {claim.source.key for claim in waiting.values()}
    unstorable: list[str] = []
    still_listed: list[Claim] = []
    new = left = 0
    rereads = bool(replaces(context.workflow, task))
    store = context.services.connections.store(context.workflow.key, task)
    for listed in preview_listing(context, task, waiting):
        page = mark_restored(context, store, listed)
        members = []
        for looked in page:
            if looked.listed.key in keys:
                seen_keys.add(looked.listed.key)
            if looked.taken.decision is Decision.KEY_UNSTORABLE:
                unstorable.append(looked.listed.key)
            if looked.claim is not None:
                unseen.pop(looked.claim.id, None)
                if looked.claim.reason == SOURCE_REPLACED and looked.claim.state is FileState.DONE:
                    still_listed.append(looked.claim)
            pinned = _pinned(context, task, looked, rereads=rereads)
            left += pinned is None and looked.taken.decision in _KNOWN
            if pinned is not None:
                new += looked.taken.decision is Decision.TAKE
                members.append((pinned, *batches.place(looked.listed.size)))
        manifests.pin(context.run, context.lease, task.id, members, now=context.now())
        explain_unseen(context, task, page)
        request_restores(context, task, store, page)
        context.check_cancelled()
        context.report("listing", task.id, batches.position, None)
    if rereads and not new:
        left += manifests.count_again(context.run, task.id)
        manifests.unpin(context.run, context.lease, task.id, again=True)
    hold_still_listed(context, task.id, still_listed)
    _end(context, task, unseen.values(), seen_keys)
    _report_unstorable(context, task, unstorable)
    if task.order is Order.MODIFIED:
        batches = _by_modified(context, task)
    context.log(
        f"Objects taken: {batches.position:,}, in batches: {batches.total}; known: {left:,}", task=task.id
    )
    return batches.total, left


def _report_unstorable(context: RunContext, task: ExtractTask, keys: list[str]) -> None:
    if keys:
        what = f"Objects were skipped ({len(keys):,}), because {REASONS[Decision.KEY_UNSTORABLE]}. The first one is"
        context.log(f"{what} {legible(keys[0])}", task=task.id, level="warning")


def _pinned(context: RunContext, task: ExtractTask, looked: ListedKey, *, rereads: bool) -> Pinned | None:
    decision = looked.taken.decision
    if looked.claim is not None and looked.claim.run == context.run and decision in _KNOWN:
        return _pinned_before(looked, looked.claim)
    if decision in _LEFT or (decision is Decision.KNOWN and not (rereads and looked.loaded)):
        return None
    source = looked.source
    state, reason, hint = _STATES[decision]
    what = looked.taken.reason if reason else None
    if decision is Decision.TAKE and looked.claim is not None and was_unread(looked.claim):
        reason, what = looked.claim.reason, looked.claim.what
    if decision is Decision.TAKE and looked.listed.archived:
        state, reason, what = FileState.ARCHIVED_TIER, HeldReason.ARCHIVED_TIER.value, looked.taken.reason
        hint = RESTORE_IT
        if looked.unseen is not None:
            what, hint = f"The object is in an archive tier{UNSEEN}{looked.unseen.what}", looked.unseen.hint
    return Pinned(
        claim=context.claim_id(task.id, source),
        source=source,
        modified=looked.listed.modified,
        state=state,
        reason=reason,
        what=what,
        hint=hint,
        again=decision is Decision.KNOWN,
        was=looked.claim.state if looked.claim else None,
    )


def _pinned_before(looked: ListedKey, claim: Claim) -> Pinned | None:
    """The manifest's entry for a key, if this run already recorded the key as held or skipped before the
    pinning was interrupted; otherwise None.
    """
    if claim.state not in (FileState.HELD, FileState.SKIPPED):
        return None
    return Pinned(
        claim=claim.id,
        source=looked.source,
        modified=looked.listed.modified,
        state=claim.state,
        reason=claim.reason,
        what=claim.what,
        hint=claim.hint,
        was=claim.state,
    )


_LEFT = frozenset(
    {
        Decision.MARKER,
        Decision.OURS,
        Decision.PATTERN,
        Decision.KEY_UNSTORABLE,
        Decision.RENAMED,
        Decision.HELD,
    }
)
_KNOWN = frozenset({Decision.KNOWN, Decision.HELD})
_STATES: dict[Decision, tuple[FileState, str | None, str | None]] = {
    Decision.TAKE: (FileState.CLAIMED, None, None),
    Decision.KNOWN: (FileState.DONE, None, None),
    Decision.REPEATED_HOLD: (
        FileState.HELD,
        HeldReason.REPEATED_BYTES.value,
        "Accept the file to load it again, or ignore it.",
    ),
    Decision.REPEATED_SKIP: (FileState.SKIPPED, HeldReason.REPEATED_BYTES.value, None),
    Decision.BEFORE_START: (FileState.SKIPPED, "before-start", "Retry the file to load it anyway."),
    Decision.TOO_BIG: (
        FileState.HELD,
        HeldReason.TOO_BIG.value,
        "Accept the file, or raise max_bytes of the task.",
    ),
    Decision.BAD_LISTING: (
        FileState.HELD,
        HeldReason.BAD_LISTING.value,
        "Upload the object again. When the listing shows it correctly, the next run loads it.",
    ),
}


def _end(context: RunContext, task: ExtractTask, unseen: Iterable[Claim], seen_keys: Collection[str]) -> None:
    """End the held and unfinished claims whose objects are no longer in the listing."""
    gone = [
        claim
        for claim in unseen
        if claim.source.bucket == task.selection.bucket
        and claim.source.key.startswith(task.selection.prefix)
        and claim.run != context.run
        # Some of its rows may still be in a table: the unload ends this claim.
        and claim.reason != HeldReason.UNLOADING
    ]
    transitions = [_ended(claim, seen=claim.source.key in seen_keys) for claim in gone]
    context.ledger.claims.record(context.lease, transitions, now=context.now())


def _ended(claim: Claim, *, seen: bool) -> Transition:
    if not seen:
        return Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.GONE,
            reason="gone",
            what="The object is no longer in the bucket",
            hint="If the object is uploaded again, the next run takes it.",
        )
    what, hint = _LISTED_RIGHT if claim.reason == HeldReason.BAD_LISTING else _OVERWRITTEN
    return Transition(
        claim=claim.id, was=claim.state, to=FileState.SUPERSEDED, reason="superseded", what=what, hint=hint
    )


_OVERWRITTEN = (
    "The object was overwritten before it was loaded",
    "The newer object is a separate file.",
)
_LISTED_RIGHT = (
    "The listing shows the object as it is now",
    "It is a separate file, if it was not loaded before.",
)


def _by_modified(context: RunContext, task: ExtractTask) -> Batches:
    batches = Batches()
    order = [
        (claim, *batches.place(size))
        for claim, size in context.ledger.manifests.by_modified(context.run, task.id)
    ]
    context.ledger.manifests.reorder(context.run, context.lease, task.id, order)
    return batches
