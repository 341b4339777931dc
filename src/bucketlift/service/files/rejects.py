"""Lists the rejects of a file, and exports them so that a person can mend them."""

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
    """A stored reject, and the replay that loaded it. The replay is None if the reject was not mended."""

    reject: Reject
    mended_in: int | None


def find(app: App, file: str) -> Iterator[Listed]:
    """Yield the stored rejects of a file: all rejects of a loaded file, the first 1,000 of a held file."""
    claim = app.ledger.claims.get(file)
    mended = app.ledger.replays.mended(claim.id)
    for reject in app.ledger.claims.each_reject(claim.id):
        yield Listed(reject=reject, mended_in=reject.mended_in or mended.get(reject.offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReject:
    """A reject with its text, as it is shown."""

    reject: Reject
    text: str
    mended_in: int | None


def page(app: App, claim: Claim, *, limit: int, offset: int = 0) -> list[ShownReject]:
    """A page of the stored rejects of a file, in the file's order."""
    split, mended = splitter(app, claim), app.ledger.replays.mended(claim.id)
    return [
        ShownReject(reject=each, text=split.text(each), mended_in=each.mended_in or mended.get(each.offset))
        for each in app.ledger.claims.some_rejects(claim.id, limit=limit, offset=offset)
    ]


def shown(app: App, file: str) -> Iterator[dict[str, Any]]:
    """Yield the stored rejects of a file as JSON values, with their exact bytes in base64."""
    from bucketlift.tabular.rejects import json_lines  # noqa: PLC0415 - slow import

    split = splitter(app, app.ledger.claims.get(file))
    for each in find(app, file):
        document = json_lines.as_json(each.reject, split.cells(each.reject), split.text(each.reject))
        yield document | {"mended_in": each.mended_in}


@contextmanager
def every(app: App, claim: Claim) -> Iterator[Iterator[Reject]]:
    """Open all rejects of a file, one after another. Beyond the first 1,000 rejects of a held file, the
    object is read again.

    Raises:
        NeedsPerson: the object no longer exists, or cannot be read in the same way any more.
    """
    if claim.state in COMMITTED or len(app.ledger.claims.rejects(claim.id)) >= claim.rejects:
        yield app.ledger.claims.each_reject(claim.id)
        return
    from bucketlift.engine.reading.reread import rejects_again  # noqa: PLC0415 - slow import

    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        yield rejects_again(app.services(Path(folder), no_progress), _read_by(app, claim), claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    lines: Iterator[str]
    gap: BucketliftError | None = None
    """Why the export has only the stored rejects; None if it has all rejects."""


@contextmanager
def export(app: App, file: str, *, as_json: bool) -> Iterator[Export]:
    """Export the rejects that are not mended, as CSV with a header, or as one JSON object per line."""
    from bucketlift.tabular.rejects import json_lines  # noqa: PLC0415 - slow import
    from bucketlift.tabular.rejects.sheet import Sheet  # noqa: PLC0415 - slow import

    claim = app.ledger.claims.get(file)
    split, mended = splitter(app, claim), app.ledger.replays.mended(claim.id)
    with ExitStack() as opened:
        gap = None
        try:
            rejects = opened.enter_context(every(app, claim))
        except BucketliftError as error:
            rejects, gap = app.ledger.claims.each_reject(claim.id), error
        left = (
            (each, split.cells(each), split.text(each))
            for each in rejects
            if each.mended_in is None and each.offset not in mended
        )
        lines = json_lines.write(left, claim.id) if as_json else Sheet.of(split.fields).write(left, claim)
        yield Export(lines=lines, gap=gap)


def splitter(app: App, claim: Claim) -> Splitter:
    """The function that splits a reject into the fields of the current contract, with the settings by which
    the file was read.
    """
    from bucketlift.tabular.rejects.splitting import Splitter  # noqa: PLC0415 - slow import

    judged = extract_of(_read_by(app, claim), claim)
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
    """The extract task of a file.

    Raises:
        NotFound: the workflow no longer has the task.
    """
    found = next((task for task in definition.workflow.extracts if task.id == claim.task), None)
    if found is None:
        raise NotFound(
            f"The workflow no longer has the extract task {claim.task}",
            to=f"{claim.id} {claim.source}",
            hint=f"Add a task with the ID {claim.task} to the workflow.",
        )
    return found


def _read_by(app: App, claim: Claim) -> Definition:
    """The version of the workflow that last read the file."""
    if claim.run is None:
        return app.ledger.catalog.workflow(claim.workflow)
    return app.ledger.catalog.of_run(app.ledger.runs.get(claim.run))


def _exact_shape(claim: Claim, task: ExtractTask) -> Shape | None:
    """The positions of the fields in a file whose positions an older version did not store. These are the
    positions in the contract. None if the file has notes, because its columns may then differ from the
    contract.
    """
    names = task.contract.names
    if claim.notes:
        return None
    return Shape(columns={name: at for at, name in enumerate(names)}, width=len(names))
