"""Loads a batch of staged files into every table they go to, the replaced ones excepted."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.engine.context.retry import patiently
from bucketlift.engine.context.run_context import Work, chosen_for, replaces
from bucketlift.engine.loading.receipts_lost import look_for_lost_loads
from bucketlift.engine.loading.transaction import CannotBegin, keep_receipts, transact
from bucketlift.engine.reading.batch_read import still_staged
from bucketlift.engine.reading.poison_files import begin, suspects_alone
from bucketlift.errors import BucketliftError, DestinationRefused, LeaseLost, OurFault
from bucketlift.model.claim import Claim
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import LOADABLE, FileState
from bucketlift.model.load import LoadId, load_ids
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Loader
from bucketlift.rules.lifecycle import move

Named = tuple[LoadId, Claim]


def load(work: Work, task: str, batch: int, chosen: Sequence[str]) -> None:
    """Load a batch with each of its load tasks; one that fails stops no other."""
    members = work.tools.manifests.batch(work.run, task, batch)
    claims = [
        member.claim
        for member in members
        if member.staged and not member.again and member.claim.state in LOADABLE
    ]
    replaced = replaces(work.workflow, work.extract(task))
    for each in work.workflow.loads_from(task):
        if each in replaced:
            continue
        mine = [claim for claim in claims if each in chosen_for(claim, work.workflow, chosen)]
        try:
            if mine:
                look_for_lost_loads(work, [each.destination])
            _load_files(work, each, mine, chosen)
        except LeaseLost:
            raise
        except BucketliftError as error:
            work.fault(each.id, error)
        work.tell("loading", each.id, len(mine), len(mine))


def _load_files(work: Work, task: LoadTask, claims: Sequence[Claim], chosen: Sequence[str]) -> None:
    """Load these files with one task; those whose receipt is found are not loaded again."""
    committed = work.tools.files.receipts([claim.id for claim in claims])
    left = [claim for claim in claims if task.id not in committed.get(claim.id, {})]
    if not left:
        return
    loader = work.tools.connections.loader(task.destination)
    left_to_load = _without_receipt(work, task, loader, _explained(work, task, loader, left), chosen)
    for unit in suspects_alone(left_to_load, len(left_to_load), lambda pair: pair[1]):
        work.heed()
        begun = begin(work, [claim for _, claim in unit], load=True)
        _commit(work, task, loader, [pair for pair in unit if pair[1].id in begun], chosen)


def _explained(work: Work, task: LoadTask, loader: Loader, claims: Sequence[Claim]) -> list[Named]:
    """Without those whose receipt the ledger cannot explain: a person must say whether it is theirs.

    So it is after a restore of an older ledger: an occurrence may bear the number, and so the LoadId, of another.
    A receipt under a former name gives its name to the load.
    """
    slug = work.task_slug(task.id)
    names = {claim.id: load_ids(work.slug, slug, task.target.table, claim.source) for claim in claims}
    asked = [name for each in names.values() for name in each]
    found = patiently(lambda: loader.receipts(asked), tell=work.waits(task.id))
    named = [
        (next((name for name in names[claim.id] if name in found), names[claim.id][0]), claim)
        for claim in claims
    ]
    unknown = {
        claim.id: claim
        for name, claim in named
        if name in found and not claim.load_begun and HeldReason.UNKNOWN_RECEIPT not in claim.accepted
    }
    said = {
        "reason": HeldReason.UNKNOWN_RECEIPT.value,
        "what": f"{task.destination} has a receipt of this file that the ledger knows nothing of",
        "hint": "Was the ledger restored from a backup? Accept the file if its rows are there; else ignore it.",
        "suspicion": None,
    }
    changes = [
        (claim, {"state": move(claim.state, FileState.HELD).value, **said}) for claim in unknown.values()
    ]
    work.tools.files.record(work.lease, changes, now=work.now())
    return [pair for pair in named if pair[1].id not in unknown]


def _without_receipt(
    work: Work, task: LoadTask, loader: Loader, named: Sequence[Named], chosen: Sequence[str]
) -> list[Named]:
    """What the destination has no receipt for; receipts found there are told to the ledger."""
    found = patiently(lambda: loader.receipts([name for name, _ in named]), tell=work.waits(task.id))
    known = [(claim, found[name]) for name, claim in named if name in found]
    keep_receipts(work, task, known, chosen)
    return [(name, claim) for name, claim in named if name not in found]


def _commit(work: Work, task: LoadTask, loader: Loader, unit: Sequence[Named], chosen: Sequence[str]) -> None:
    """Commit a unit; one that fails is halved until the culprit is alone, and held."""
    unit = [(name, claim) for name, claim in unit if still_staged(work, claim)]
    if not unit:
        return
    try:
        receipts = patiently(lambda: transact(work, loader, task, unit), tell=work.waits(task.id))
    except CannotBegin as error:
        raise error.why from error
    except LeaseLost:
        # A receipt of the unit is there already: its answer was lost, or another worker was first.
        left = _without_receipt(work, task, loader, unit, chosen)
        if len(left) == len(unit):
            raise OurFault(
                "The destination refuses a unit as loaded, and shows no receipt", to=task.id
            ) from None
        _commit(work, task, loader, left, chosen)
    except DestinationRefused as error:
        if len(unit) == 1:
            _hold(work, unit[0][1], error)
            return
        middle = len(unit) // 2
        _commit(work, task, loader, unit[:middle], chosen)
        _commit(work, task, loader, unit[middle:], chosen)
    else:
        claims = dict(unit)
        keep_receipts(work, task, [(claims[receipt.load], receipt) for receipt in receipts], chosen)


def _hold(work: Work, claim: Claim, error: DestinationRefused) -> None:
    change = {
        "state": move(claim.state, FileState.HELD).value,
        "reason": error.reason,
        "what": error.what,
        "hint": error.hint,
        "suspicion": None,
    }
    work.tools.files.record(work.lease, [(claim, change)], now=work.now())
    work.say_once(claim.task, error)
