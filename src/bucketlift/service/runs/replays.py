"""Loads mended rejects: checks them, stores them in the ledger, and loads them with the lineage of their
file.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bucketlift.errors import BucketliftError, NeedsPerson, NotFound, RequestWrong
from bucketlift.model.claim import Claim, ClaimId, ClaimReceipt
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import COMMITTED, FileState
from bucketlift.model.mending import MendedRow, Unfit, UnfitReason
from bucketlift.model.replay import Replay, ReplayState
from bucketlift.model.run import REPLAY, Run
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import Workflow
from bucketlift.ports import Progress
from bucketlift.rules.replaying import loads_to_replay
from bucketlift.rules.transforms.fields import checks_of
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.core.fleet import at_work, require_reach
from bucketlift.service.files import decisions, rejects
from bucketlift.service.runs import runs

SHOWN = 10


class Unfitting(RequestWrong):
    """Some mended rows are still invalid; nothing was loaded."""

    def __init__(self, claim: Claim, unfit: Sequence[Unfit]) -> None:
        fields = [f": {each.field}" if each.field else "" for each in unfit]
        lines = [f"{each.line} ({each.reason}{field})" for each, field in zip(unfit, fields, strict=True)][
            :SHOWN
        ]
        more = f" and {len(unfit) - SHOWN} more" if len(unfit) > SHOWN else ""
        super().__init__(
            f"Mended rows are still invalid, so nothing was loaded: line {', '.join(lines)}{more}",
            to=f"{claim.id} {claim.source}",
            hint="Correct these cells or remove the rows; or load only the other rows with --partial.",
        )
        self.unfit = tuple(unfit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the replay of a mended file would load."""

    claim: Claim
    rows: tuple[MendedRow, ...]
    """The mended rows to load."""
    unfit: tuple[Unfit, ...]
    already_loaded: int
    """The number of rows that were already loaded with the same values. They are skipped."""
    changed: Mapping[str, int]
    """For each field, the number of its cells that were changed in the rows to load."""
    not_mended: int
    """The number of rejects of the file that are not mended yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    plan: Plan
    part: int | None = None
    """The number of the replay; None if no new row had to be loaded."""
    replay: Replay | None = None
    """The current state of the replay; None if no new row had to be loaded, or if a table refused the rows."""
    receipts: tuple[ClaimReceipt, ...] = ()
    run: Run | None = None
    """The run that loaded the rows; None if the file itself is not loaded yet."""


def replay(
    app: App, file: str, mended: Path, *, partial: bool = False, progress: Progress = no_progress
) -> Replayed:
    """Load the mended rejects of a file into every table into which the file was loaded.

    The mended rows are stored in the ledger first, so that the next run finishes an interrupted replay. A
    file that is held only for its rejects is accepted: the next run loads its valid rows, then the mended
    ones. No row is loaded twice. ``partial``: if rows are invalid, load the other rows. Without ``partial``,
    one invalid row prevents the whole load.

    Raises:
        NotFound: there is no such file, or its workflow or task no longer exists.
        Unfitting: a row is still invalid.
        RequestWrong: the mended file cannot be read or has additional rows, or the state of the file does not
        allow a replay.
        NeedsPerson: the rejects of a held file cannot be read again.
    """
    found, part = _planned(app, file, mended, partial=partial)
    claim = found.claim
    run = None
    if claim.state in COMMITTED and _unfinished(app, claim.id):
        run = runs.start(app, claim.workflow, trigger=REPLAY, progress=progress)
    return _ended(app, found, part, run)


def leave(app: App, file: str, mended: Path, *, partial: bool = False) -> Replayed:
    """Store mended rejects in the same way as ``replay``, and leave the load to a live worker.

    Raises the errors of ``replay``, and:
        RequestWrong: no live worker can execute the load; the rows are stored, and the next run loads them.
    """
    found, part = _planned(app, file, mended, partial=partial)
    run = None
    if found.claim.state in COMMITTED and _unfinished(app, found.claim.id):
        run = runs.leave(app, found.claim.workflow, trigger=REPLAY)
    return _ended(app, found, part, run)


def _planned(app: App, file: str, mended: Path, *, partial: bool) -> tuple[Plan, int | None]:
    found = plan(app, file, mended)
    claim = found.claim
    if found.unfit and not partial:
        raise Unfitting(claim, found.unfit)
    if claim.state in COMMITTED and not at_work(app, claim.workflow):
        require_reach(app, claim.workflow)
    if not found.rows:
        return found, None
    return found, app.ledger.replays.ask(claim, found.rows, now=app.now(), transition=_acceptance(claim))


def plan(app: App, file: str, mended: Path) -> Plan:
    """Preview what ``replay`` would do. Changes nothing.

    Raises the errors of ``replay``, except ``Unfitting``.
    """
    from bucketlift.tabular.rejects.mended_file import read_mended  # noqa: PLC0415 - slow import

    claim = app.ledger.claims.get(file)
    workflow = app.ledger.catalog.workflow(claim.workflow).workflow
    loads_to_replay(workflow, claim, app.ledger.claims.receipts([claim.id]).get(claim.id, {}).values())
    _require_mendable(claim)
    fields = rejects.extract_of(app.ledger.catalog.workflow(claim.workflow), claim).contract.names
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        rows = read_mended(mended, fields, Path(folder))
        compared = _compare(app, claim, rows)
        new, unfit, again = _sorted_out(app, claim, rows)
        unfit += _staged(app, claim, workflow, new, Path(folder) / "rows.arrow")
    wrong = {each.offset for each in unfit}
    good = tuple(row for row in new if row.offset not in wrong)
    changed = Counter(name for row in good for name in compared[row.offset])
    refused_by = app.ledger.replays.refused_by(claim.id)
    mended_now = app.ledger.replays.unfinished_offsets(claim.id) | {row.offset for row in good}
    left = claim.rejects - claim.mended - sum(max(1, len(refused_by.get(each, ()))) for each in mended_now)
    return Plan(
        claim=claim,
        rows=good,
        unfit=tuple(sorted(unfit, key=lambda each: each.offset)),
        already_loaded=again,
        changed=dict(changed),
        not_mended=max(0, left),
    )


_MENDABLE = frozenset({HeldReason.TOO_MANY_REJECTS, HeldReason.TOO_MANY_REFUSED})


def _require_mendable(claim: Claim) -> None:
    accepted = claim.state is FileState.RETRYING and claim.accepted.intersection(_MENDABLE)
    held = claim.state is FileState.HELD and claim.reason in _MENDABLE
    if claim.state in COMMITTED or accepted or held:
        return
    why = f" ({claim.reason})" if claim.reason else ""
    raise RequestWrong(
        f"The rejects cannot be loaded now, because the file has the state `{claim.state.value}`{why}",
        to=f"{claim.id} {claim.source}",
        hint=claim.hint or f"See the file: bucketlift files show {claim.id}",
    )


def _acceptance(claim: Claim) -> Transition | None:
    return decisions.accept(claim).transition if claim.state is FileState.HELD else None


def _compare(app: App, claim: Claim, rows: Sequence[MendedRow]) -> dict[int, list[str]]:
    """For each mended row, by offset: the fields whose cells were changed.

    Raises:
        RequestWrong: a row is not a reject of the file.
    """
    from bucketlift.tabular.rejects.origins import belongs_to  # noqa: PLC0415 - slow import

    _require_own(app, claim, rows)
    wanted, changed = {row.offset: row for row in rows}, dict[int, list[str]]()
    others = list[str]()
    split = rejects.splitter(app, claim)
    with rejects.every(app, claim) as every:
        for reject in every:
            row = wanted.get(reject.offset)
            if row is not None and row.line == reject.line:
                others += [] if belongs_to(row.origin, reject, split.text(reject)) else [str(row.line)]
                before = split.cells(reject)
                changed[reject.offset] = [name for name in before if before[name] != row.cells.get(name)]
    unknown = [str(row.line) for row in rows if row.offset not in changed]
    if unknown:
        more = " and more" if len(unknown) > SHOWN else ""
        raise RequestWrong(
            f"The mended file has rows that are not rejects of this file: lines {', '.join(unknown[:SHOWN])}{more}",
            to=f"{claim.id} {claim.source}",
            hint="You can change or remove rows, but not add any: line and offset identify each reject.",
        )
    if others:
        more = " and more" if len(others) > SHOWN else ""
        raise RequestWrong(
            "The mended file has rows whose original text differs from this file: "
            f"lines {', '.join(others[:SHOWN])}{more}",
            to=f"{claim.id} {claim.source}",
            hint="The mended file may belong to another file. Otherwise export again, and change only the cells of the fields.",
        )
    return changed


def _require_own(app: App, claim: Claim, rows: Sequence[MendedRow]) -> None:
    foreign = next((row for row in rows if row.origin.file not in (None, claim.id)), None)
    if foreign is None:
        return
    try:
        other = app.ledger.claims.get(str(foreign.origin.file))
        hint = f"The mended file was exported from {other.id} {other.source}: replay it there."
    except NotFound:
        hint = "Export the rejects of this file, and mend those."
    raise RequestWrong(
        f"The mended file has rows of another file: line {foreign.line}",
        to=f"{claim.id} {claim.source}",
        hint=hint,
    )


def _sorted_out(
    app: App, claim: Claim, rows: Sequence[MendedRow]
) -> tuple[list[MendedRow], list[Unfit], int]:
    """Divide the rows into new rows and rows that were loaded with other values. Also returns the number of
    rows that were loaded with the same values.
    """
    kept = {
        row.offset: (row, each.state)
        for each in app.ledger.replays.of_file(claim.id)
        for row in app.ledger.replays.rows(claim.id, each.part)
    }
    new, unfit, again = list[MendedRow](), list[Unfit](), 0
    for row in rows:
        before, state = kept.get(row.offset, (None, None))
        if before is None:
            new.append(row)
        elif before.cells == row.cells:
            again += 1
        elif state is ReplayState.WAITING:
            new.append(row)
        else:
            reason = UnfitReason.MENDED_OTHERWISE.value
            unfit.append(Unfit(line=row.line, offset=row.offset, reason=reason))
    return new, unfit, again


def _staged(app: App, claim: Claim, workflow: Workflow, rows: Sequence[MendedRow], to: Path) -> list[Unfit]:
    from bucketlift.tabular.rejects.mending import stage_mended  # noqa: PLC0415 - slow import

    extract = rejects.extract_of(app.ledger.catalog.workflow(claim.workflow), claim)
    return stage_mended(rows, extract.contract, checks_of(workflow, claim.task), to)


def _unfinished(app: App, claim: ClaimId) -> bool:
    return any(each.state is not ReplayState.DONE for each in app.ledger.replays.of_file(claim))


def _ended(app: App, found: Plan, part: int | None, run: Run | None) -> Replayed:
    if part is None:
        return Replayed(plan=found, run=run)
    claim = found.claim.id
    kept = app.ledger.replays.receipts(claim, part)
    return Replayed(
        plan=found,
        part=part,
        replay=next((each for each in app.ledger.replays.of_file(claim) if each.part == part), None),
        receipts=tuple(each.receipt for each in kept.values()),
        run=run,
    )


def failure(app: App, done: Replayed) -> BucketliftError | None:
    """The error if a replay did not finish in its run; None if it finished, or if it waits for its file."""
    replays = app.ledger.replays.of_file(done.plan.claim.id)
    dropped = done.part is not None and done.replay is None
    if done.run is None or not (dropped or any(each.state is not ReplayState.DONE for each in replays)):
        return None
    fault = next(iter(app.ledger.runs.get(done.run.id).faults.values()), None)
    if fault is None:
        return NeedsPerson(
            "The replay is not finished", hint=f"Finish it with: bucketlift run {done.plan.claim.workflow}"
        )
    return NeedsPerson(fault.what, to=fault.to, hint=fault.hint)
