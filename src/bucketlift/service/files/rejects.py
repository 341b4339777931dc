"""Rows that could not be read exactly: look at them, and take them out to be mended."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bucketlift.errors import BucketliftError, NotFound
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import COMMITTED
from bucketlift.model.mending import Shape
from bucketlift.model.rows import Reject
from bucketlift.model.workflow import Definition, ExtractTask
from bucketlift.service.core.app import App, no_progress

if TYPE_CHECKING:
    from bucketlift.tabular.rejects.splitting import Splitter


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A reject that the ledger keeps, and the replay that it was mended in."""

    reject: Reject
    mended_in: int | None


def find(app: App, file: str) -> Iterator[Listed]:
    """The rejects kept of a file: all of a loaded one, the first 1,000 of a held one."""
    claim = app.ledger.claims.get(file)
    mended = app.ledger.replays.mended(claim.id)
    for reject in app.ledger.claims.each_reject(claim.id):
        yield Listed(reject=reject, mended_in=mended.get(reject.offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A reject as a person reads it."""

    reject: Reject
    text: str
    mended_in: int | None


def page(app: App, claim: Claim, *, limit: int, offset: int = 0) -> list[Told]:
    """Some of the rejects that the ledger keeps of a file, in its order."""
    split, mended = splitter(app, claim), app.ledger.replays.mended(claim.id)
    return [
        Told(reject=each, text=split.text(each), mended_in=mended.get(each.offset))
        for each in app.ledger.claims.some_rejects(claim.id, limit=limit, offset=offset)
    ]


def shown(app: App, file: str) -> Iterator[dict[str, Any]]:
    """The rejects kept of a file, with their exact bytes, in base64."""
    from bucketlift.tabular.rejects import json_lines  # noqa: PLC0415 - imports what reads files

    split = splitter(app, app.ledger.claims.get(file))
    for each in find(app, file):
        told = json_lines.as_json(each.reject, split.cells(each.reject), split.text(each.reject))
        yield told | {"mended_in": each.mended_in}


@contextmanager
def every(app: App, claim: Claim) -> Iterator[Iterator[Reject]]:
    """All rejects of a file, one page of them in memory; beyond the first 1,000 of a held one, from its source.

    Raises:
        NeedsPerson: the source is no longer there, or cannot be read as it was.
    """
    if claim.state in COMMITTED or len(app.ledger.claims.rejects(claim.id)) >= claim.rejected:
        yield app.ledger.claims.each_reject(claim.id)
        return
    from bucketlift.engine.reading.reread import rejects_again  # noqa: PLC0415 - imports what reads files

    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        yield rejects_again(app.services(Path(folder), no_progress), _judged_by(app, claim), claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    lines: Iterator[str]
    gap: BucketliftError | None = None
    """Why only those are there that the ledger keeps; None where all are."""


@contextmanager
def export(app: App, file: str, *, as_json: bool) -> Iterator[Export]:
    """The rejects of a file that nobody has mended yet, as lines of CSV, header included, or of JSON."""
    from bucketlift.tabular.rejects import json_lines  # noqa: PLC0415 - imports what reads files
    from bucketlift.tabular.rejects.sheet import Sheet  # noqa: PLC0415 - imports what reads files

    claim = app.ledger.claims.get(file)
    split, mended = splitter(app, claim), app.ledger.replays.mended(claim.id)
    with ExitStack() as opened:
        gap = None
        try:
            rejects = opened.enter_context(every(app, claim))
        except BucketliftError as error:
            rejects, gap = app.ledger.claims.each_reject(claim.id), error
        left = ((each, split.cells(each), split.text(each)) for each in rejects if each.offset not in mended)
        lines = json_lines.write(left, claim.id) if as_json else Sheet.of(split.fields).write(left, claim)
        yield Export(lines=lines, gap=gap)


def splitter(app: App, claim: Claim) -> Splitter:
    """Splits rejects as the file was read, into the fields that the contract has now."""
    from bucketlift.tabular.rejects.splitting import Splitter  # noqa: PLC0415 - imports what reads files

    judged = extract_of(_judged_by(app, claim), claim)
    try:
        now = extract_of(app.ledger.catalog.workflow(claim.workflow), claim)
    except NotFound:
        now = judged
    return Splitter(
        fields=now.contract.names,
        dialect=judged.contract.dialect,
        shape=claim.shape or _exact_shape(claim, judged),
    )


def extract_of(definition: Definition, claim: Claim) -> ExtractTask:
    """The task that a file is of.

    Raises:
        NotFound: the workflow has it no longer.
    """
    found = next((task for task in definition.workflow.extracts if task.id == claim.task), None)
    if found is None:
        raise NotFound(
            f"The workflow no longer has the extract task {claim.task}",
            to=f"{claim.id} {claim.source}",
            hint="Put the task back under its id.",
        )
    return found


def _judged_by(app: App, claim: Claim) -> Definition:
    """The version that read the file last."""
    if claim.run is None:
        return app.ledger.catalog.workflow(claim.workflow)
    return app.ledger.catalog.of_run(app.ledger.runs.get(claim.run))


def _exact_shape(claim: Claim, task: ExtractTask) -> Shape | None:
    """An older ledger has no shapes; a file of which nothing was noted has its fields as the contract has them."""
    names = task.contract.names
    if claim.notes:
        return None
    return Shape(columns={name: at for at, name in enumerate(names)}, width=len(names))
