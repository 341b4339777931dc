"""Unloads files from their tables, and loads them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice

from bucketlift.engine.rework.unload import LoadedRows, Unloading
from bucketlift.engine.rework.unload import unload as remove_rows
from bucketlift.engine.rework.unload import unload_task as remove_rows_of_task
from bucketlift.errors import IllegalMove, RequestWrong
from bucketlift.model.claim import Claim, Loaded
from bucketlift.model.directory.data_targets import DirectoryTarget
from bucketlift.model.directory.people import UndoEffect
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import BEGUN, FileState
from bucketlift.model.load import Lineage, Target, WriteMode
from bucketlift.model.source import Selection
from bucketlift.model.workflow import ExtractTask
from bucketlift.rules.lifecycle import move
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.core.fleet import require_places
from bucketlift.service.files import decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloaded:
    """The unloaded files, and the number of rows removed from each table."""

    files: tuple[Claim, ...]
    rows: dict[str, int]


def unload(app: App, files: Sequence[str], task: str | None = None) -> Unloaded:
    """Remove the rows of these files, and no others, from every table, with their receipts. The files are
    then held.

    Pending actions of the files are dropped first. If one file cannot be unloaded, nothing is changed. With a
    load task, only the rows that it loaded are removed: the files keep their states, and this task does not
    load them again.

    Raises:
        NotFound: there is no such file.
        RequestWrong: a file was not loaded, was not appended, or its rows cannot be identified in the table;
        or a run is in progress.
        DestinationBusy, DestinationRefused: a destination failed; the error lists what is already unloaded.
    """
    ids = tuple(dict.fromkeys(files))
    claims = [app.ledger.claims.get(file) for file in ids]
    _planned(app, claims, task)
    rows: Counter[str] = Counter()
    with app.engine(no_progress) as engine, ExitStack() as held:
        leases = {
            key: held.enter_context(engine.holding(key)) for key in sorted({c.workflow for c in claims})
        }
        # Read the files again: from here on, no run can change them.
        planned = _planned(app, [app.ledger.claims.get(file) for file in ids], task)
        for key, lease in leases.items():
            mine = [each for each in planned if each.claim.workflow == key]
            if task is None:
                rows.update(remove_rows(app.ledger, app.connections, lease, app.clock, mine))
            else:
                rows.update(remove_rows_of_task(app.ledger, app.connections, lease, mine, task))
    return Unloaded(files=tuple(app.ledger.claims.get(file) for file in ids), rows=dict(rows))


def reload(app: App, files: Sequence[str], *, force: bool = False) -> Unloaded:
    """Unload files, and let the next run load them again.

    Raises the errors of ``unload``, and:
        RequestWrong: an object no longer exists, so that its rows could not be loaded again; ``force``
        ignores this.
    """
    ids = tuple(dict.fromkeys(files))
    claims = [app.ledger.claims.get(file) for file in ids]
    for claim in claims:
        task = _task(app, claim)
        if not force and not _is_there(app, claim, task):
            raise RequestWrong(
                "The object no longer exists: the file could be unloaded, but not loaded again",
                to=f"{claim.id} {claim.source}",
                hint="Put the object back, which makes it a new file; or only remove the rows: `bucketlift files unload`.",
            )
    loaded = [claim.id for claim in claims if claim.reason != HeldReason.UNLOADED]
    rows = unload(app, loaded).rows if loaded else {}
    decided = decisions.decide(app, decisions.retry, ids)
    return Unloaded(files=tuple(each.claim for each in decided), rows=rows)


def undo_effects(app: App, files: Sequence[str], task: str | None = None) -> list[tuple[str, UndoEffect]]:
    """For each directory into which these files were loaded: what the unload would change.

    Raises the errors of ``unload``.
    """
    claims = [app.ledger.claims.get(file) for file in dict.fromkeys(files)]
    found = []
    for brought in (each for plan in _planned(app, claims, task) for each in plan.brought):
        if isinstance(brought.target, DirectoryTarget):
            directory = app.connections.directory(brought.receipt.destination)
            effect = directory.undo_effect(brought.receipt.load)
            if effect is not None:
                found.append((str(brought), effect))
    return found


def _planned(app: App, claims: Sequence[Claim], task: str | None = None) -> list[Unloading]:
    """The rows that must be removed for each file.

    Raises:
        RequestWrong: a file cannot be unloaded.
    """
    loads = app.ledger.unloads.loads([claim.id for claim in claims])
    return [_plan(app, claim, loads.get(claim.id, ()), task) for claim in claims]


def _plan(app: App, claim: Claim, loads: Sequence[Loaded], task: str | None) -> Unloading:
    to = f"{claim.id} {claim.source}"
    if task is not None:
        loads = _loads_of_task(claim, loads, task, to)
    brought = tuple(LoadedRows(receipt=each.receipt, target=_target(app, claim, each)) for each in loads)
    if not brought:
        out = claim.reason == HeldReason.UNLOADED
        raise RequestWrong(
            "The rows of the file were already removed" if out else "The file is not loaded", to=to
        )
    if claim.state in BEGUN or not _can_wait(claim):
        raise RequestWrong(
            f"A file with the state `{claim.state.value}` cannot be unloaded",
            to=to,
            hint="Wait until a run has finished with the file; then unload the file.",
        )
    require_places(app, [each.receipt.destination for each in brought])
    _refuse_delivered(app, claim, brought, task)
    for each in brought:
        why = _why_not(app, each)
        if why is not None:
            raise RequestWrong(
                f"{each}: {why}", to=to, hint="Remove the rows yourself, or load a corrected file."
            )
    return Unloading(claim=claim, brought=brought)


def _refuse_delivered(app: App, claim: Claim, brought: Sequence[LoadedRows], task: str | None) -> None:
    """Refuse to unload rows from a destination without transactions, because it cannot take rows back.

    Raises:
        RequestWrong: rows of the file were delivered to such a destination.
    """
    delivered = {
        each.receipt.destination: each.receipt.load_task
        for each in brought
        if app.connections.delivery(each.receipt.destination) is not None
    }
    sent = app.ledger.deliveries.sent([claim.id]).get(claim.id, []) if task is None else []
    places = sorted({*delivered, *sent})
    if not places:
        return
    others = sorted({each.receipt.load_task for each in brought} - set(delivered.values()))
    hint = "Remove the rows there yourself."
    if task is None and others:
        hint = f"Unload the tables only: {', '.join(f'`bucketlift files unload {claim.id} --task {each}`' for each in others)}."
    raise RequestWrong(
        f"The file was delivered to {', '.join(places)}, which cannot take rows back",
        to=f"{claim.id} {claim.source}",
        hint=hint,
    )


def _loads_of_task(claim: Claim, loads: Sequence[Loaded], task: str, to: str) -> list[Loaded]:
    mine = [each for each in loads if each.receipt.load_task == task]
    others = sorted({each.receipt.load_task for each in loads} - {task})
    if not mine:
        hint = (
            f"These tasks have loaded the file: {', '.join(others)}."
            if others
            else "No task has loaded the file."
        )
        raise RequestWrong(f"The task {task} has not loaded the file", to=to, hint=hint)
    if not others and claim.state is not FileState.DONE:
        raise RequestWrong(
            "The file's only load cannot be removed with --task before the action on its object is done",
            to=to,
            hint="Unload the file without --task: then the action is dropped, and the file is held.",
        )
    return mine


def _target(app: App, claim: Claim, loaded: Loaded) -> Target:
    """The target of the load task in the workflow version that executed the load."""
    loads = app.ledger.catalog.version(claim.workflow, loaded.version).workflow.loads
    return next(load.target for load in loads if load.id == loaded.receipt.load_task)


def _can_wait(claim: Claim) -> bool:
    try:
        return claim.state is FileState.HELD or move(claim.state, FileState.HELD) is FileState.HELD
    except IllegalMove:
        return False


def _why_not(app: App, brought: LoadedRows) -> str | None:
    """Why the rows of the file cannot be identified in a table; None if they can."""
    if isinstance(brought.target, DirectoryTarget):
        return None
    if brought.target.mode is not WriteMode.APPEND:
        return f"the load mode was {brought.target.mode.value}, not append, so the changed rows are not known"
    loader, load = app.connections.loader(brought.receipt.destination), brought.receipt.load
    rows = None if brought.target.lineage is Lineage.OFF else loader.rows(brought.target, [load])
    if rows is None:
        return "the table has no column `_load_id`"
    if rows[load] and load not in loader.receipts([load]):
        return f"it has {rows[load]:,} rows of the file but no receipt, so perhaps these are not exactly its rows"
    return None


def _task(app: App, claim: Claim) -> ExtractTask:
    extracts = app.ledger.catalog.workflow(claim.workflow).workflow.extracts
    found = next((task for task in extracts if task.id == claim.task), None)
    if found is None:
        raise RequestWrong(
            f"The workflow no longer has the extract task {claim.task}, so the file could not be loaded again",
            to=f"{claim.id} {claim.source}",
            hint=f"Add a task with the ID {claim.task} to the workflow; or only remove the rows: `bucketlift files unload`.",
        )
    return found


def _is_there(app: App, claim: Claim, task: ExtractTask) -> bool:
    """Whether this occurrence is still the current object of its key."""
    store, source = app.connections.store(claim.workflow, task), claim.source
    if store.store != source.store:
        return False
    selection = Selection(bucket=source.bucket, prefix=source.key)
    listed = list(islice(store.find(selection), 1))
    if not listed or listed[0].key != source.key:
        return False
    (facts,) = app.ledger.survey.facts(
        store.store, source.bucket, listed, workflow=claim.workflow, task=claim.task
    )
    same = (listed[0].etag, listed[0].size) == (source.etag, source.size)
    return same and facts.newest == source and not facts.removed
