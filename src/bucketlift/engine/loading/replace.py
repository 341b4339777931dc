"""Replaces a table with the rows of all files of an extract task, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext, replaces
from bucketlift.engine.loading.receipts_lost import pause_for_lost_loads
from bucketlift.engine.loading.transaction import LoadNotOpened, keep_receipts, transact
from bucketlift.engine.reading.batch_read import still_staged
from bucketlift.errors import BucketliftError, LeaseLost, RowsNotKept, StoreUnavailable
from bucketlift.model.claim import Claim, Member
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import replace_load_id
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import LoadTask


def replace_tables(context: RunContext, task: str) -> None:
    """Execute the chosen replace loads of an extract task. Without new files nothing happens.

    The unit contains every selected object, so files that were loaded before are read again. If one file is
    held, the whole unit is not loaded.
    """
    replacing = replaces(context.workflow, context.extract(task))
    members = context.ledger.manifests.members(context.run, task) if replacing else []
    new = [each.claim for each in members if not each.again and each.claim.state is FileState.STAGED]
    needed = {load for claim in new for load in context.loads_of(claim)}
    loads = [load for load in replacing if load in needed]
    if not loads:
        return
    if context.ledger.claims.blocks_unit(context.workflow.key, task):
        _hold(context, new, *_MEMBER_HELD)
        return
    for load in loads:
        try:
            pause_for_lost_loads(context, [load.destination])
            _replace(context, load, members)
        except LeaseLost:
            raise
        except RowsNotKept as error:
            # Another attempt would find the same table. A person must change it first.
            _hold(context, new, error.reason, error.what, error.hint)
            context.log_once(load.id, error)
            return
        except BucketliftError as error:
            context.fault(load.id, error)


_NO_MEMBERS = frozenset({FileState.SKIPPED, FileState.GONE})


def _replace(context: RunContext, load: LoadTask, members: Sequence[Member]) -> None:
    unit = [each for each in members if each.again or each.claim.state not in _NO_MEMBERS]
    unread = [each.claim for each in unit if not each.staged or not still_staged(context, each.claim)]
    if unread:
        raise StoreUnavailable(
            f"{len(unread)} of the {len(unit)} files of the table could not be read",
            to=f"{load.target.table}, first {unread[0].source}",
            hint="The table was not changed; the next run tries again.",
        )
    claims = [each.claim for each in unit]
    sources = [claim.source for claim in claims]
    name = replace_load_id(context.slug, context.task_slug(load.id), load.target.table, sources)
    loader = context.services.connections.loader(load.destination)
    on_retry = context.log_retry(load.id)
    receipt = retry_transient(lambda: loader.receipts([name]), on_retry=on_retry).get(name)
    if receipt is None:
        started = {each.claim.id: context.choice_of(each.claim) for each in unit if not each.again}
        choices = {claim: loads for claim, loads in started.items() if loads is not None}
        context.ledger.claims.fix_choices(context.lease, choices)
        try:
            (receipt,) = retry_transient(
                lambda: transact(context, loader, load, [(name, claim) for claim in claims]),
                on_retry=on_retry,
            )
        except LoadNotOpened as error:
            raise error.why from error
    keep_receipts(context, load, [(claim, receipt) for claim in claims])


_MEMBER_HELD = (
    HeldReason.MEMBER_HELD.value,
    "Another file of the table is held, and all files replace it together",
    "Resolve the other file; then this one is loaded automatically.",
)


def _hold(context: RunContext, claims: Sequence[Claim], reason: str, what: str, hint: str) -> None:
    held = [
        Transition(claim=claim.id, was=claim.state, to=FileState.HELD, reason=reason, what=what, hint=hint)
        for claim in claims
    ]
    context.ledger.claims.record(context.lease, held, now=context.now())
