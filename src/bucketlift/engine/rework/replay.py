"""Loads mended rejects under the lineage of their file: ledger, destinations, ledger, each step repeatable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bucketlift.engine.context.retry import patiently
from bucketlift.engine.context.run_context import Work
from bucketlift.errors import BucketliftError, DestinationRefused, LeaseLost, NeedsPerson, OurFault
from bucketlift.model.claim import ClaimReceipt
from bucketlift.model.load import LoadId, LoadUnit, Receipt, load_ids
from bucketlift.model.replay import Replay, ReplayState
from bucketlift.model.workflow import LoadTask
from bucketlift.rules.replaying import loads_to_replay
from bucketlift.tabular.arrow.staging import open_rows
from bucketlift.tabular.rejects.mending import stage_mended

SHOWN = 10


def replay(work: Work) -> None:
    """Load every replay that waits or was broken off, of files that are loaded; one that fails stops no other."""
    for each in work.tools.replays.pending(work.workflow.key):
        work.heed()
        try:
            _replay(work, each)
        except LeaseLost:
            raise
        except BucketliftError as error:
            work.fault(each.claim.task, error)


def _replay(work: Work, replay: Replay) -> None:
    claim, tools = replay.claim, work.tools
    receipts = tools.files.receipts([claim.id]).get(claim.id, {})
    loads = loads_to_replay(work.workflow, claim, receipts.values())
    done = _known(work, replay, loads)
    # From here on a person can change its rows no more.
    if not tools.replays.begin(work.lease, replay):
        return
    staged = tools.spool.scratch()
    try:
        _stage(work, replay, staged)
        for load in loads:
            if load.id not in done:
                _keep(work, replay, load, _load(work, replay, load, staged))
    finally:
        staged.unlink(missing_ok=True)
    tools.replays.finish(work.lease, replay, now=work.now())


def _stage(work: Work, replay: Replay, staged: Path) -> None:
    extract = work.extract(replay.claim.task)
    rows = work.tools.replays.rows(replay.claim.id, replay.part)
    unfit = stage_mended(rows, extract.contract, work.keys(extract), staged)
    wrong = [f"{each.line} ({each.reason})" for each in unfit]
    wrong += [f"{line} (no reject any more)" for line in work.tools.replays.strangers(replay)]
    if wrong:
        _forget(work, replay)
        raise NeedsPerson(
            f"Mended rows no longer fit, for the contract has changed: lines {', '.join(wrong[:SHOWN])}",
            to=_named(replay),
            hint="Export the rejects again, mend them for the contract as it is now, and replay them.",
        )


def _known(work: Work, replay: Replay, loads: tuple[LoadTask, ...]) -> set[str]:
    """The loads that are committed; receipts that only the destinations have are told to the ledger.

    Raises:
        NeedsPerson: a destination has a receipt, although no load of this replay was begun.
    """
    done = set(work.tools.replays.receipts(replay.claim.id, replay.part))
    for load in loads:
        found = None if load.id in done else _receipt(work, replay, load)
        if found is not None and replay.state is ReplayState.WAITING:
            raise NeedsPerson(
                f"{load.destination} has a receipt of replay {replay.part} that the ledger knows nothing of",
                to=_named(replay),
                hint="Was the ledger restored from a backup? `bucketlift verify` compares them.",
            )
        if found is not None:
            _keep(work, replay, load, found)
            done.add(load.id)
    return done


def _load(work: Work, replay: Replay, load: LoadTask, staged: Path) -> Receipt:
    try:
        return patiently(lambda: _transact(work, replay, load, staged), tell=work.waits(load.id))
    except LeaseLost:
        # Its receipt is there already: the answer was lost.
        found = _receipt(work, replay, load)
        if found is None:
            raise OurFault(
                "The destination refuses a replay as loaded, and shows no receipt", to=load.id
            ) from None
        return found
    except DestinationRefused as error:
        if _forget(work, replay):
            error.hint = (
                f"{error.hint} Nothing of the replay was loaded: mend the rows and replay them.".strip()
            )
        raise


def _transact(work: Work, replay: Replay, load: LoadTask, staged: Path) -> Receipt:
    (name, *_), loader = _load_ids(work, replay, load), work.tools.connections.loader(load.destination)
    unit = LoadUnit(target=load.target, loads=(name,))
    with work.tools.turn(load.destination, work.heed), loader.begin(unit) as opened:
        with open_rows(staged) as rows:
            opened.write(name, rows)
        (receipt,) = opened.commit(work.fence)
        return receipt


def _receipt(work: Work, replay: Replay, load: LoadTask) -> Receipt | None:
    names, loader = _load_ids(work, replay, load), work.tools.connections.loader(load.destination)
    found: Mapping[LoadId, Receipt] = patiently(lambda: loader.receipts(names), tell=work.waits(load.id))
    return next((found[name] for name in names if name in found), None)


def _load_ids(work: Work, replay: Replay, load: LoadTask) -> tuple[LoadId, ...]:
    return load_ids(work.slug, work.task_slug(load.id), load.target.table, replay.claim.source, replay.part)


def _keep(work: Work, replay: Replay, load: LoadTask, receipt: Receipt) -> None:
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
    work.tools.replays.record(work.lease, work.run, replay.part, kept)
    rows = f"{receipt.inserted:,} inserted, {receipt.updated:,} updated, {receipt.unchanged:,} unchanged"
    work.say(f"Replay {replay.part} of {replay.claim.source} into {load.destination}.{receipt.table}: {rows}")


def _forget(work: Work, replay: Replay) -> bool:
    """Only while no table has it: its rows can be mended anew then."""
    return work.tools.replays.drop(work.lease, replay)


def _named(replay: Replay) -> str:
    return f"replay {replay.part} of {replay.claim.id} {replay.claim.source}"
