"""Replaces a table by all files of an extract task, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.engine.context.retry import patiently
from bucketlift.engine.context.run_context import Work, replaces
from bucketlift.engine.loading.receipts_lost import look_for_lost_loads
from bucketlift.engine.loading.transaction import CannotBegin, keep_receipts, transact
from bucketlift.engine.reading.batch_read import still_staged
from bucketlift.errors import BucketliftError, LeaseLost, RowsNotKept, StoreUnavailable
from bucketlift.model.claim import Claim, Member
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import replace_load_id
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import LoadTask


def replace_tables(work: Work, task: str) -> None:
    """Carry out the chosen replace loads of an extract task. With nothing new, nothing happens.

    The unit is every selected object, known ones read again; a held one holds the unit.
    """
    replacing = replaces(work.workflow, work.extract(task))
    members = work.tools.manifests.members(work.run, task) if replacing else []
    new = [each.claim for each in members if not each.again and each.claim.state is FileState.STAGED]
    wanted = {load for claim in new for load in work.loads_of(claim)}
    loads = [load for load in replacing if load in wanted]
    if not loads:
        return
    if work.tools.files.holds_unit(work.workflow.key, task):
        _hold(work, new, *_MEMBER_HELD)
        return
    for load in loads:
        try:
            look_for_lost_loads(work, [load.destination])
            _replace(work, load, members)
        except LeaseLost:
            raise
        except RowsNotKept as error:
            # A second try meets the same table: a person must change it first.
            _hold(work, new, error.reason, error.what, error.hint)
            work.say_once(load.id, error)
            return
        except BucketliftError as error:
            work.fault(load.id, error)


_NO_MEMBERS = frozenset({FileState.SKIPPED, FileState.GONE})


def _replace(work: Work, load: LoadTask, members: Sequence[Member]) -> None:
    unit = [each for each in members if each.again or each.claim.state not in _NO_MEMBERS]
    unread = [each.claim for each in unit if not each.staged or not still_staged(work, each.claim)]
    if unread:
        raise StoreUnavailable(
            f"{len(unread)} of the {len(unit)} files of the table could not be read",
            to=f"{load.target.table}, first {unread[0].source}",
            hint="The table stands as it was; the next run tries again.",
        )
    claims = [each.claim for each in unit]
    sources = [claim.source for claim in claims]
    name = replace_load_id(work.slug, work.task_slug(load.id), load.target.table, sources)
    loader = work.tools.connections.loader(load.destination)
    tell = work.waits(load.id)
    receipt = patiently(lambda: loader.receipts([name]), tell=tell).get(name)
    if receipt is None:
        try:
            (receipt,) = patiently(
                lambda: transact(work, loader, load, [(name, claim) for claim in claims]), tell=tell
            )
        except CannotBegin as error:
            raise error.why from error
    keep_receipts(work, load, [(claim, receipt) for claim in claims])


_MEMBER_HELD = (
    HeldReason.MEMBER_HELD.value,
    "Another file of the table is held, and all files replace it together",
    "Deal with that file; this one follows by itself.",
)


def _hold(work: Work, claims: Sequence[Claim], reason: str, what: str, hint: str) -> None:
    held = [
        Transition(claim=claim.id, was=claim.state, to=FileState.HELD, reason=reason, what=what, hint=hint)
        for claim in claims
    ]
    work.tools.files.record(work.lease, held, now=work.now())
