"""Loads mended rejects with the lineage of their file.

Every step can be repeated: the start is recorded in the ledger, then the destinations are written, then the
ledger records the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bucketlift.engine.context.dated_lists import with_list
from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.delivering.deliver import deliver, delivered_file
from bucketlift.errors import BucketliftError, DestinationRefused, LeaseLost, NeedsPerson, OurFault
from bucketlift.model.claim import ClaimReceipt
from bucketlift.model.delivery import ChunkState
from bucketlift.model.load import LoadId, LoadUnit, Receipt, load_ids
from bucketlift.model.mending import MendedRow
from bucketlift.model.replay import Replay, ReplayState
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Delivery
from bucketlift.rules.replaying import loads_to_replay
from bucketlift.tabular.arrow.staging import open_rows
from bucketlift.tabular.rejects.mending import stage_mended
from bucketlift.tabular.transform.row_transforms import RowTransforms

SHOWN = 10
_NOTHING_LOADED = "Nothing of the replay was loaded: mend the rows again and replay them."


def replay(context: RunContext) -> None:
    """Execute all waiting or interrupted replays of loaded files. If one replay fails, the others still run."""
    for each in context.ledger.replays.pending(context.workflow.key):
        context.check_cancelled()
        try:
            _replay(context, each)
        except LeaseLost:
            raise
        except BucketliftError as error:
            context.fault(each.claim.task, error)


def _replay(context: RunContext, replay: Replay) -> None:
    claim, services = replay.claim, context.services
    receipts = services.ledger.claims.receipts([claim.id]).get(claim.id, {})
    loads = loads_to_replay(context.workflow, claim, receipts.values())
    done = _known(context, replay, loads)
    # From here on a person can no longer change the rows of the replay.
    if not services.ledger.replays.begin(context.lease, replay):
        return
    rows = services.ledger.replays.rows(claim.id, replay.part)
    refused_by = services.ledger.replays.refused_by(claim.id)
    staged = services.spool.scratch()
    try:
        _stage(context, replay, rows, staged)
        for load in loads:
            mine = [row for row in rows if load.id in refused_by.get(row.offset, (load.id,))]
            if load.id not in done and mine:
                if len(mine) < len(rows) or refused_by:
                    _stage(context, replay, mine, staged)
                _load_into(context, replay, load, staged)
    finally:
        staged.unlink(missing_ok=True)
    services.ledger.replays.finish(context.lease, replay, now=context.now())


def _load_into(context: RunContext, replay: Replay, load: LoadTask, staged: Path) -> None:
    delivery = context.services.connections.delivery(load.destination)
    if delivery is None:
        _keep(context, replay, load, _load(context, replay, load, staged))
    else:
        _deliver(context, replay, load, delivery, staged)


def _deliver(context: RunContext, replay: Replay, load: LoadTask, delivery: Delivery, staged: Path) -> None:
    transforms = RowTransforms.of(context.checks(context.extract(replay.claim.task)))
    file = delivered_file(context, load, replay.claim, replay.part)
    try:
        with context.services.take_slot(load.destination, context.check_cancelled), open_rows(staged) as rows:
            done = deliver(context, load, delivery, file, transforms.stream(load.source, rows))
    except DestinationRefused as error:
        sent = context.ledger.deliveries.chunks(replay.claim.id, part=replay.part)
        if all(chunk.state is ChunkState.PLANNED for chunk in sent) and _forget(context, replay):
            error.hint = f"{error.hint} {_NOTHING_LOADED}".strip()
        raise
    context.ledger.replays.record(context.lease, context.run, replay.part, done.receipt)
    context.log(f"Replay {replay.part} of {replay.claim.source} delivered to {load.destination}")


def _stage(context: RunContext, replay: Replay, rows: Sequence[MendedRow], staged: Path) -> None:
    extract = context.extract(replay.claim.task)
    unfit = stage_mended(rows, extract.contract, context.checks(extract), staged)
    wrong = [f"{each.line} ({each.reason})" for each in unfit]
    wrong += [f"{line} (no longer a reject)" for line in context.ledger.replays.lines_without_reject(replay)]
    if wrong:
        is_new = _forget(context, replay)
        raise NeedsPerson(
            f"The contract has changed, and mended rows do not fit the new one: lines {', '.join(wrong[:SHOWN])}",
            to=_named(replay),
            hint="Export the rejects again, mend them for the new contract, and replay them."
            if is_new
            else "A part of these rows is in a destination already: change the contract back, and run the workflow.",
        )


def _known(context: RunContext, replay: Replay, loads: tuple[LoadTask, ...]) -> set[str]:
    """The IDs of the load tasks that have committed the replay.

    Receipts that only a destination has are recorded in the ledger.

    Raises:
        NeedsPerson: a destination has a receipt, although no load of this replay was started.
    """
    done = set(context.ledger.replays.receipts(replay.claim.id, replay.part))
    for load in loads:
        found = None if load.id in done else _receipt(context, replay, load)
        if found is not None and replay.state is ReplayState.WAITING:
            raise NeedsPerson(
                f"{load.destination} has a receipt of replay {replay.part} that the ledger does not know",
                to=_named(replay),
                hint="Was the ledger restored from a backup? `bucketlift verify` compares the ledger with the destination.",
            )
        if found is not None:
            _keep(context, replay, load, found)
            done.add(load.id)
    return done


def _load(context: RunContext, replay: Replay, load: LoadTask, staged: Path) -> Receipt:
    try:
        return retry_transient(
            lambda: _transact(context, replay, load, staged), on_retry=context.log_retry(load.id)
        )
    except LeaseLost:
        # Its receipt exists already: the answer to the commit was lost.
        found = _receipt(context, replay, load)
        if found is None:
            raise OurFault(
                "The destination refuses a replay as already loaded, but has no receipt of this replay",
                to=load.id,
            ) from None
        return found
    except DestinationRefused as error:
        if _forget(context, replay):
            error.hint = f"{error.hint} {_NOTHING_LOADED}".strip()
        raise


def _transact(context: RunContext, replay: Replay, load: LoadTask, staged: Path) -> Receipt:
    (name, *_), loader = (
        _load_ids(context, replay, load),
        context.services.connections.loader(load.destination),
    )
    target = with_list(context, load, replay.claim.id).target
    unit = LoadUnit(target=target, loads=(name,))
    transforms = RowTransforms.of(context.checks(context.extract(replay.claim.task)))
    with context.services.take_slot(load.destination, context.check_cancelled), loader.begin(unit) as opened:
        with open_rows(staged) as rows:
            opened.write(name, transforms.stream(load.source, rows))
        (receipt,) = opened.commit(context.check_lease_now)
        return receipt


def _receipt(context: RunContext, replay: Replay, load: LoadTask) -> Receipt | None:
    if context.services.connections.delivery(load.destination) is not None:
        return None
    names, loader = _load_ids(context, replay, load), context.services.connections.loader(load.destination)
    found: Mapping[LoadId, Receipt] = retry_transient(
        lambda: loader.receipts(names), on_retry=context.log_retry(load.id)
    )
    return next((found[name] for name in names if name in found), None)


def _load_ids(context: RunContext, replay: Replay, load: LoadTask) -> tuple[LoadId, ...]:
    return load_ids(
        context.slug, context.task_slug(load.id), load.target.table, replay.claim.source, replay.part
    )


def _keep(context: RunContext, replay: Replay, load: LoadTask, receipt: Receipt) -> None:
    kept = ClaimReceipt(
        claim=replay.claim.id,
        load_task=load.id,
        load=receipt.load,
        destination=load.destination,
        table=receipt.table,
        inserted=receipt.inserted,
        updated=receipt.updated,
        unchanged=receipt.unchanged,
        committed_at=receipt.committed_at,
    )
    context.ledger.replays.record(context.lease, context.run, replay.part, kept)
    rows = f"{receipt.inserted:,} inserted, {receipt.updated:,} updated, {receipt.unchanged:,} unchanged"
    context.log(
        f"Replay {replay.part} of {replay.claim.source} into {load.destination}.{receipt.table}: {rows}"
    )


def _forget(context: RunContext, replay: Replay) -> bool:
    """Delete a replay that no table contains. Its rejects can then be mended again."""
    return context.ledger.replays.drop(context.lease, replay)


def _named(replay: Replay) -> str:
    return f"replay {replay.part} of {replay.claim.id} {replay.claim.source}"
