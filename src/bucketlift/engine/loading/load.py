"""Loads a batch of staged files into all their tables, except tables with the mode replace."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.engine.context.dated_lists import by_list
from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext, replaces
from bucketlift.engine.delivering.files import deliver_files
from bucketlift.engine.loading.receipts_lost import pause_for_lost_loads
from bucketlift.engine.loading.refused_rows import without_refused_rows
from bucketlift.engine.loading.transaction import LoadNotOpened, keep_receipts, transact
from bucketlift.engine.reading.batch_read import still_staged
from bucketlift.engine.reading.poison_files import begin, group_suspects
from bucketlift.errors import BucketliftError, DestinationRefused, LeaseLost, OurFault
from bucketlift.model.claim import Claim, Member
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import LoadId, load_ids
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Loader, RowsRefused
from bucketlift.rules.directory.load_order import in_load_order

Named = tuple[LoadId, Claim]


def load(context: RunContext, task: str, members: Sequence[Member]) -> None:
    """Load a batch with each of its load tasks. If one load task fails, the others still run."""
    claims = [
        member.claim
        for member in members
        if member.staged and not member.again and member.claim.state is FileState.STAGED
    ]
    replaced = replaces(context.workflow, context.extract(task))
    for each in in_load_order(context.workflow.loads_from(task)):
        if each in replaced:
            continue
        claims = [context.reread.get(claim.id, claim) for claim in claims]
        own_claims = [
            claim for claim in claims if claim.state is FileState.STAGED and each in context.loads_of(claim)
        ]
        try:
            if own_claims:
                pause_for_lost_loads(context, [each.destination])
            _load_files(context, each, own_claims)
        except LeaseLost:
            raise
        except BucketliftError as error:
            context.fault(each.id, error)
        context.report("loading", each.id, len(own_claims), len(own_claims))


def _load_files(context: RunContext, task: LoadTask, claims: Sequence[Claim]) -> None:
    """Load these files with one task. Files with a receipt are not loaded again."""
    committed = context.ledger.claims.receipts([claim.id for claim in claims])
    left = [claim for claim in claims if task.id not in committed.get(claim.id, {})]
    if not left:
        return
    delivery = context.services.connections.delivery(task.destination)
    if delivery is not None:
        deliver_files(context, task, delivery, left)
        return
    loader = context.services.connections.loader(task.destination)
    left_to_load = _without_receipt(context, task, loader, left)
    for into, some in by_list(context, task, left_to_load):
        for unit in group_suspects(some, len(some), lambda pair: pair[1]):
            context.check_cancelled()
            begun = begin(context, [claim for _, claim in unit], load=True)
            to_load = [(name, begun[claim.id]) for name, claim in unit if claim.id in begun]
            _commit(context, into, loader, to_load)


def _without_receipt(
    context: RunContext, task: LoadTask, loader: Loader, claims: Sequence[Claim]
) -> list[Named]:
    """The files for which the destination has no receipt, with the IDs of their loads.

    Receipts found in the destination are recorded in the ledger. If a receipt has the ID from before a task
    was renamed, the load keeps this ID. A file is held if the ledger cannot explain its receipt.
    """
    slug = context.task_slug(task.id)
    names = {claim.id: load_ids(context.slug, slug, task.target.table, claim.source) for claim in claims}
    names_of_loads = [name for each in names.values() for name in each]
    found = retry_transient(lambda: loader.receipts(names_of_loads), on_retry=context.log_retry(task.id))
    named = [
        (next((name for name in names[claim.id] if name in found), names[claim.id][0]), claim)
        for claim in claims
    ]
    unknown = [claim for name, claim in named if name in found and not _is_explained(claim)]
    _hold_unknown(context, task, unknown)
    known = [(claim, found[name]) for name, claim in named if name in found and _is_explained(claim)]
    keep_receipts(context, task, known)
    return [(name, claim) for name, claim in named if name not in found]


def _is_explained(claim: Claim) -> bool:
    """Whether the ledger can explain that the destination has a receipt of the file.

    It can if a load of the file was started, or if a person accepted the file.
    """
    return claim.load_begun or HeldReason.UNKNOWN_RECEIPT in claim.accepted


def _hold_unknown(context: RunContext, task: LoadTask, claims: Sequence[Claim]) -> None:
    """Hold files with an unknown receipt.

    After the ledger is restored from a backup, a new occurrence may get the number of an earlier one, and so
    the same load ID.
    """
    held = [
        Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.HELD,
            reason=HeldReason.UNKNOWN_RECEIPT.value,
            what=f"{task.destination} has a receipt of this file that the ledger does not know",
            hint="Was the ledger restored from a backup? Accept the file if its rows are in the table; otherwise ignore the file.",
        )
        for claim in claims
    ]
    context.ledger.claims.record(context.lease, held, now=context.now())


def _commit(context: RunContext, task: LoadTask, loader: Loader, unit: Sequence[Named]) -> None:
    """Commit a unit. If this fails, halve the unit until one file is left, and hold that file."""
    unit = [(name, claim) for name, claim in unit if still_staged(context, claim)]
    if not unit:
        return
    try:
        receipts = retry_transient(
            lambda: transact(context, loader, task, unit), on_retry=context.log_retry(task.id)
        )
    except LoadNotOpened as error:
        raise error.why from error
    except LeaseLost:
        _commit(context, task, loader, _still_to_load(context, task, loader, unit))
    except RowsRefused as error:
        _commit(context, task, loader, without_refused_rows(context, task, unit, error))
    except DestinationRefused as error:
        if len(unit) == 1:
            _hold(context, unit[0][1], error)
            return
        middle = len(unit) // 2
        _commit(context, task, loader, unit[:middle])
        _commit(context, task, loader, unit[middle:])
    else:
        claims = dict(unit)
        keep_receipts(context, task, [(claims[receipt.load], receipt) for receipt in receipts])


def _still_to_load(context: RunContext, task: LoadTask, loader: Loader, unit: Sequence[Named]) -> list[Named]:
    """The files of the unit that have no receipt yet. Call this after the destination refused the unit
    because one of its loads is committed already.

    Either the answer to our own commit was lost, or another worker committed first.
    """
    found = retry_transient(
        lambda: loader.receipts([name for name, _ in unit]), on_retry=context.log_retry(task.id)
    )
    keep_receipts(context, task, [(claim, found[name]) for name, claim in unit if name in found])
    left = [(name, claim) for name, claim in unit if name not in found]
    if len(left) == len(unit):
        raise OurFault(
            "The destination refuses a load unit as already loaded, but has no receipt of this unit",
            to=task.id,
        ) from None
    return left


def _hold(context: RunContext, claim: Claim, error: DestinationRefused) -> None:
    held = Transition(
        claim=claim.id,
        was=claim.state,
        to=FileState.HELD,
        reason=error.reason,
        what=error.what,
        hint=error.hint,
    )
    context.ledger.claims.record(context.lease, [held], now=context.now())
    context.log_once(claim.task, error)
