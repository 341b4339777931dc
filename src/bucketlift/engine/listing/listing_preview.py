"""Decides for each listed key whether a run would take it, with the reason. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.listing.restored import Restored, find_restored
from bucketlift.errors import BucketliftError, ListingRaced
from bucketlift.model.claim import Claim, ClaimId, KeyFacts
from bucketlift.model.hold import CONTRACT_REASONS, HeldReason
from bucketlift.model.lifecycle import COMMITTED, FileState
from bucketlift.model.source import ListedObject, SourceObject, StoreId
from bucketlift.model.workflow import ExtractTask, Repeats
from bucketlift.ports import ObjectStore
from bucketlift.rules.decision import REASONS, barred, cutoff, unselected
from bucketlift.rules.naming import is_storable
from bucketlift.rules.take import Decision, Taken, fingerprint, repeats_of, same_object, take

PAGE = 1_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """One key of a listing and the decision about it."""

    listed: ListedObject
    taken: Taken
    source: SourceObject
    claim: Claim | None
    """The claim of this task on the object; None if the ledger does not know this occurrence."""
    unseen: BucketliftError | None = None
    """The error if the store does not report whether this archived object was restored; otherwise None."""

    @property
    def loaded(self) -> bool:
        return self.claim is not None and self.claim.state in COMMITTED


def preview_listing(
    context: RunContext, task: ExtractTask, waiting: Mapping[ClaimId, Claim]
) -> Iterator[list[ListedKey]]:
    """List the selection, and yield one page of keys at a time, with a decision for each key.

    ``waiting``: the task's held and unfinished claims.
    """
    store = context.services.connections.store(context.workflow.key, task)
    contract = fingerprint(task, context.checks(task))
    restored = find_restored(context, store, waiting.values())
    unit_free = not any(
        _blocks_unit(claim, contract) for claim in waiting.values() if claim.id not in restored.readable
    )
    repeats = repeats_of(context.workflow, task)
    cut = None
    for number, (page, asked_at) in enumerate(_pages(context, store.find(task.selection))):
        if number == 0:
            cut = _cut(context, task, store)  # by the store's clock, which its first answer shows
        looked = []
        for listed, known in _known(context, task, store.store, page):
            taken = _decide(
                task, listed, known, repeats=repeats, contract=contract, unit_free=unit_free, cut=cut
            )
            if _stale(listed, known, asked_at, context.now()):
                raise ListingRaced(
                    "Another run has found newer bytes under the key since the listing", to=listed.key
                )
            source = SourceObject(
                store=store.store,
                bucket=task.selection.bucket,
                key=listed.key,
                etag=listed.etag,
                size=listed.size,
                occurrence=taken.occurrence,
            )
            claim = known.claim if known.newest == source else None
            one = ListedKey(listed=listed, taken=taken, source=source, claim=claim)
            looked.append(_seen(one, restored))
        yield looked


def _seen(looked: ListedKey, restored: Restored) -> ListedKey:
    if looked.claim is None:
        return looked
    if looked.claim.id not in restored.readable:
        return replace(looked, unseen=restored.refused.get(looked.claim.id))
    taken = replace(looked.taken, decision=Decision.TAKE, reason="restored from its archive tier")
    return replace(looked, listed=replace(looked.listed, archived=False), taken=taken)


def _known(
    context: RunContext, task: ExtractTask, store: StoreId, page: list[ListedObject]
) -> Iterator[tuple[ListedObject, KeyFacts]]:
    """Yield each key of a page with the facts from the ledger. A key that the ledger cannot store has no
    facts.
    """
    asked = [listed for listed in page if is_storable(listed.key)]
    facts = iter(
        context.ledger.survey.facts(
            store, task.selection.bucket, asked, workflow=context.workflow.key, task=task.id
        )
    )
    for listed in page:
        yield listed, next(facts) if is_storable(listed.key) else KeyFacts()


def _decide(
    task: ExtractTask,
    listed: ListedObject,
    known: KeyFacts,
    *,
    repeats: Repeats,
    contract: str,
    unit_free: bool,
    cut: datetime | None,
) -> Taken:
    left = unselected(listed, task)
    if left is not None:
        return Taken(decision=left, occurrence=0, reason=REASONS[left])
    taken = take(listed, known, repeats=repeats, contract=contract, unit_free=unit_free)
    is_known = known.claim is not None and same_object(listed, known)
    bar = barred(listed, task, cut=cut) if taken.decision is Decision.TAKE and not is_known else None
    return taken if bar is None else replace(taken, decision=bar, reason=REASONS[bar])


def _blocks_unit(claim: Claim, contract: str) -> bool:
    if claim.state is FileState.ARCHIVED_TIER:
        return True
    if claim.state is not FileState.HELD or claim.reason == HeldReason.MEMBER_HELD:
        return False
    return not (claim.reason in CONTRACT_REASONS and claim.contract != contract)


def _cut(context: RunContext, task: ExtractTask, store: ObjectStore) -> datetime | None:
    first = context.ledger.survey.first_listed_at(context.workflow.key, task.id) is None
    since, now = context.definition.switched_on_at, context.now()
    return cutoff(task.start, switched_on=since, now=now, stores_now=store.now() or now, first_listing=first)


def _stale(listed: ListedObject, known: KeyFacts, asked_at: datetime, now: datetime) -> bool:
    """Whether the ledger has changed since the listing was requested. If so, the entry must not become a new
    occurrence.

    A change with a time in the future is ignored: it was recorded before the clock was set back.
    """
    changed = known.changed_at is not None and asked_at < known.changed_at <= now
    return changed and not same_object(listed, known)


def _pages(
    context: RunContext, listing: Iterator[ListedObject]
) -> Iterator[tuple[list[ListedObject], datetime]]:
    """Yield pages of entries, each with the earliest time at which the store can have listed them.

    Our pages and the store's pages do not start at the same entry. So the entries of our page may come from
    an answer that was requested up to two of our pages earlier; the yielded time is that earlier one.
    """
    earlier = before = now = context.now()
    while page := list(islice(listing, PAGE)):
        yield page, earlier
        earlier, before, now = before, now, context.now()
