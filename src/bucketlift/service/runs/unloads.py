"""Take files out of their tables again, and load them anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice

from bucketlift.engine.rework.unload import Brought, Unloading
from bucketlift.engine.rework.unload import unload as take_out
from bucketlift.errors import IllegalMove, RequestWrong
from bucketlift.model.claim import Claim, Loaded
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import BEGUN, FileState
from bucketlift.model.load import Lineage, Target, WriteMode
from bucketlift.model.source import Selection
from bucketlift.model.workflow import ExtractTask
from bucketlift.rules.lifecycle import move
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.core.fleet import require_places
from bucketlift.service.files import files as decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloaded:
    """Files whose rows are out, and how many rows left each table."""

    files: tuple[Claim, ...]
    rows: dict[str, int]


def unload(app: App, files: Sequence[str]) -> Unloaded:
    """Take exactly the rows of these files out of every table, with their receipts; the files wait as held.

    What is still to be done to their objects is dropped first. Where one file forbids it, nothing is touched.

    Raises:
        NotFound: there is no such file.
        RequestWrong: a file was not loaded, was not appended, or its table does not tell whose a row is; or a run
            is under way.
        DestinationBusy, DestinationRefused: one destination could not; the error says what is out already.
    """
    ids = tuple(dict.fromkeys(files))
    claims = [app.ledger.claims.get(file) for file in ids]
    _planned(app, claims)
    rows: Counter[str] = Counter()
    with app.engine(no_progress) as engine, ExitStack() as held:
        leases = {
            key: held.enter_context(engine.holding(key)) for key in sorted({c.workflow for c in claims})
        }
        # As they stand now that no run can touch them.
        planned = _planned(app, [app.ledger.claims.get(file) for file in ids])
        for key, lease in leases.items():
            mine = [each for each in planned if each.claim.workflow == key]
            rows.update(take_out(app.ledger, app.connections, lease, app.clock, mine))
    return Unloaded(files=tuple(app.ledger.claims.get(file) for file in ids), rows=dict(rows))


def reload(app: App, files: Sequence[str], *, force: bool = False) -> Unloaded:
    """Let the next run load files anew; the rows of those that are loaded are taken out first.

    Raises: as for ``unload``, and
        RequestWrong: an object is no longer where it was, so that its rows would only be lost. ``force`` goes on.
    """
    ids = tuple(dict.fromkeys(files))
    claims = [app.ledger.claims.get(file) for file in ids]
    for claim in claims:
        task = _task(app, claim)
        if not force and not _is_there(app, claim, task):
            raise RequestWrong(
                "Its object is no longer there: it could be unloaded, and not be loaded anew",
                to=f"{claim.id} {claim.source}",
                hint="Put the object back, and it is a new file; or take the rows out: `bucketlift files unload`.",
            )
    loaded = [claim.id for claim in claims if claim.reason != HeldReason.UNLOADED]
    rows = unload(app, loaded).rows if loaded else {}
    decided = decisions.decide(app, decisions.retry, ids)
    return Unloaded(files=tuple(each.claim for each in decided), rows=rows)


def _planned(app: App, claims: Sequence[Claim]) -> list[Unloading]:
    """What is to be taken out of each file.

    Raises:
        RequestWrong: it cannot be, of one of them.
    """
    loads = app.ledger.unloads.loads([claim.id for claim in claims])
    return [_plan(app, claim, loads.get(claim.id, ())) for claim in claims]


def _plan(app: App, claim: Claim, loads: Iterable[Loaded]) -> Unloading:
    to = f"{claim.id} {claim.source}"
    brought = tuple(Brought(receipt=each.receipt, target=_target(app, claim, each)) for each in loads)
    if not brought:
        out = claim.reason == HeldReason.UNLOADED
        raise RequestWrong("Its rows are out already" if out else "The file is not loaded", to=to)
    if claim.state in BEGUN or not _can_wait(claim):
        raise RequestWrong(
            f"The file is {claim.state.value}",
            to=to,
            hint="Let a run end what was begun with it; then unload it.",
        )
    require_places(app, [each.receipt.destination for each in brought])
    for each in brought:
        why = _why_not(app, each)
        if why is not None:
            raise RequestWrong(
                f"{each}: {why}", to=to, hint="Take its rows out by hand, or load a mended file."
            )
    return Unloading(claim=claim, brought=brought)


def _target(app: App, claim: Claim, loaded: Loaded) -> Target:
    """The target as the load saw it, whatever the workflow says by now."""
    loads = app.ledger.catalog.version(claim.workflow, loaded.version).workflow.loads
    return next(load.target for load in loads if load.id == loaded.receipt.load_task)


def _can_wait(claim: Claim) -> bool:
    try:
        return claim.state is FileState.HELD or move(claim.state, FileState.HELD) is FileState.HELD
    except IllegalMove:
        return False


def _why_not(app: App, brought: Brought) -> str | None:
    """Why it cannot be told which rows of a table are the file's."""
    if brought.target.mode is not WriteMode.APPEND:
        return f"the load was no append but {brought.target.mode.value}, and what it changed is not known"
    loader, load = app.connections.loader(brought.receipt.destination), brought.receipt.load
    rows = None if brought.target.lineage is Lineage.OFF else loader.rows(brought.target, [load])
    if rows is None:
        return "the table has no column that tells which load brought a row"
    if rows[load] and load not in loader.receipts([load]):
        return f"it has {rows[load]:,} rows of the file and no receipt, so nothing says that they are all and only its"
    return None


def _task(app: App, claim: Claim) -> ExtractTask:
    extracts = app.ledger.catalog.workflow(claim.workflow).workflow.extracts
    found = next((task for task in extracts if task.id == claim.task), None)
    if found is None:
        raise RequestWrong(
            f"The workflow no longer has the extract task {claim.task}: nothing would load the file anew",
            to=f"{claim.id} {claim.source}",
            hint="Put the task back under its id; or take the rows out: `bucketlift files unload`.",
        )
    return found


def _is_there(app: App, claim: Claim, task: ExtractTask) -> bool:
    """Whether this very occurrence is still under its key."""
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
