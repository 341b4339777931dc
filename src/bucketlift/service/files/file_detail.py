"""Collects the details of one file: state, receipts, replays, and possible decisions."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.claims.deliveries import FileDelivery
from bucketlift.ledger.claims.waiting import Entry
from bucketlift.model.claim import Claim, ClaimReceipt
from bucketlift.model.delivery import Chunk, ChunkState
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import COMMITTED, FileState
from bucketlift.model.replay import Replay
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.service.core.app import App
from bucketlift.service.files import decisions, rejects
from bucketlift.service.files.adoption import HEADER_REASONS

DECISIONS = {
    "accept": decisions.accept,
    "retry": decisions.retry,
    "ignore": decisions.ignore,
    "hold": decisions.hold,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDetail:
    claim: Claim
    title: str
    """The title of the workflow."""
    project: str | None
    """The project whose workflow file owns the workflow; None if no project owns it."""
    task: ExtractTask | None
    """The file's extract task; None if the workflow no longer has the task."""
    under: tuple[Claim, ...]
    """All occurrences of the object's key, including that of this file."""
    receipts: tuple[ClaimReceipt, ...]
    entry: Entry | None
    replays: tuple[Replay, ...]
    deliveries: tuple[FileDelivery, ...]
    doubtful: tuple[Chunk, ...]
    """The chunks of the file's deliveries whose results are unknown."""
    possible: frozenset[str]
    """The actions that are possible: accept, retry, ignore, hold, unload, reload."""

    @property
    def differs(self) -> bool:
        """Whether the file's header can be compared with the contract."""
        reason = self.claim.reason
        return self.task is not None and self.claim.state is FileState.HELD and reason in _COMPARABLE

    @property
    def undecoded(self) -> bool:
        """Whether the page can show the file's words in each encoding (the file is held because of its
        encoding).
        """
        reason = self.claim.reason
        return self.task is not None and self.claim.state is FileState.HELD and reason in _UNDECODED

    @property
    def adoptable(self) -> bool:
        """Whether the file's header can become the contract."""
        return self.differs and self.claim.reason in HEADER_REASONS


_UNDECODED = frozenset({HeldReason.NOT_UTF8, HeldReason.WRONG_ENCODING, HeldReason.DOUBTFUL_ENCODING})
_COMPARABLE = HEADER_REASONS | {
    HeldReason.NO_HEADER,
    HeldReason.DUPLICATE_COLUMN,
    HeldReason.BLANK_COLUMN,
    HeldReason.WRONG_DELIMITER,
    HeldReason.PREAMBLE,
}


def file_detail(app: App, file: str) -> FileDetail:
    """Load the details of a file.

    Raises:
        NotFound: there is no such file.
    """
    claim = app.ledger.claims.get(file)
    receipts = tuple(app.ledger.claims.receipts([claim.id]).get(claim.id, {}).values())
    workflow, task = _known(app, claim)
    return FileDetail(
        claim=claim,
        title=claim.workflow if workflow is None else workflow.title,
        project=None if workflow is None else workflow.project,
        task=task,
        under=tuple(app.ledger.waiting.under(claim.source)),
        receipts=receipts,
        entry=app.ledger.waiting.entry(claim.id),
        replays=tuple(app.ledger.replays.of_file(claim.id)),
        deliveries=tuple(app.ledger.deliveries.of_file(claim.id)),
        doubtful=tuple(
            chunk for chunk in app.ledger.deliveries.chunks(claim.id) if chunk.state is ChunkState.IN_DOUBT
        ),
        possible=frozenset(
            [name for name in DECISIONS if possible(claim, name)] + _with_rows(claim, receipts, task)
        ),
    )


def possible(claim: Claim, decision: str) -> bool:
    """Whether this decision is possible in the file's current state."""
    try:
        DECISIONS[decision](claim)
    except RequestWrong:
        return False
    return True


def _known(app: App, claim: Claim) -> tuple[Workflow | None, ExtractTask | None]:
    try:
        definition = app.ledger.catalog.workflow(claim.workflow)
    except NotFound:
        return None, None
    try:
        return definition.workflow, rejects.extract_of(definition, claim)
    except NotFound:
        return definition.workflow, None


def _with_rows(claim: Claim, receipts: tuple[ClaimReceipt, ...], task: ExtractTask | None) -> list[str]:
    """The possible actions on the file's rows: unload (if they are loaded) and reload (if they are loaded or
    unloaded).
    """
    loaded = bool(receipts) and (claim.state in COMMITTED or claim.reason == HeldReason.UNLOADING)
    out = claim.reason == HeldReason.UNLOADED
    reload = (loaded and claim.state in COMMITTED) or out
    return ["unload"] * loaded + ["reload"] * (reload and task is not None)
