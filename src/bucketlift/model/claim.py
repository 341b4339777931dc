"""The state of one source object in one extract task."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import LoadId
from bucketlift.model.mending import Shape
from bucketlift.model.source import SourceObject
from bucketlift.model.workflow import AfterImport

ClaimId = NewType("ClaimId", str)
"""16 hex digits. Users see it as the id of a file."""

SKIPPED_BY_CONDITION = "condition"
"""The reason of a file for which the conditions chose no loader. The next run takes it again."""


SOURCE_REPLACED = "source-replaced"
"""The reason of a loaded file whose object was overwritten before its action. Nothing is left to do."""


def claim_id(slug: str, task: str, source: SourceObject) -> ClaimId:
    digest = hashlib.sha256(f"{slug}\n{task}\n{source.identity}".encode("utf-8", "surrogatepass"))
    return ClaimId(digest.hexdigest()[:16])


class Suspicion(StrEnum):
    """A worker may have died while it processed this file: work started, and no result was recorded."""

    TOGETHER = "together"
    """Several files were processed; any of them may be the cause."""
    ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One source object as one extract task of one workflow sees it."""

    id: ClaimId
    source: SourceObject
    workflow: str
    task: str
    state: FileState
    reason: str | None = None
    what: str | None = None
    hint: str | None = None
    rows: int = 0
    rejected: int = 0
    mended: int = 0
    """Number of rejects that were mended and loaded."""
    shape: Shape | None = None
    """None if the positions are unknown: no header was read, or the parts have different columns."""
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    contract: str | None = None
    """Fingerprint of the contract that checked the file last."""
    accepted: frozenset[str] = frozenset()
    """Hold reasons that a person accepted. They no longer hold this file."""
    choice: tuple[str, ...] | None = None
    """The load tasks for this file, fixed by the first run that committed it to any of them."""
    run: str | None = None
    """The run that took it last."""
    moved_to: str | None = None
    load_begun: bool = False
    """Whether a load of this file has started: then a receipt in the destination may belong to it."""
    suspicion: Suspicion | None = None
    deaths: int = 0
    """Number of workers that died while they processed only this file."""
    modified: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReceipt:
    """One load task has committed one file. The counts of a replace load are stored with its first file."""

    claim: ClaimId
    load_task: str
    load: LoadId
    destination: str
    table: str
    inserted: int
    updated: int
    unchanged: int
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A receipt, and the workflow version of its run, whose load task defines the target."""

    receipt: ClaimReceipt
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAction:
    """One line of the outbox: an action on a source object that is due after its commit."""

    claim: ClaimId
    source: SourceObject
    workflow: str
    task: str
    action: AfterImport
    sha256: str
    copied_to: str | None = None
    """Key of the verified copy in the archive's bucket; None before the copy exists."""
    sent: bool = False
    """Whether a delete was already sent: its answer may have been lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """An action that is delayed. Until it is due, it can be held or dropped."""

    action: str
    """delete, move or rename."""
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A listed object that a run takes, or records in the ledger with a reason for not taking it."""

    claim: ClaimId
    source: SourceObject
    modified: datetime | None
    state: FileState
    reason: str | None = None
    what: str | None = None
    hint: str | None = None
    again: bool = False
    """Whether it is already known and only read again for a replace unit. Its claim then does not change."""
    was: FileState | None = None
    """The state of the claim when the run read it; None for a new one. If it has changed, a person acted first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A claim as a member of a run's manifest."""

    claim: Claim
    again: bool
    staged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Number of files, rows and bytes of a manifest's claims in one state."""

    state: FileState
    files: int
    rows: int
    rejected: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """The ledger's knowledge about one key, for one extract task."""

    newest: SourceObject | None = None
    removed: bool = False
    """Whether our own removal of the newest occurrence was confirmed."""
    claim: Claim | None = None
    """This task's claim on the newest occurrence."""
    last: int = 0
    """The number of the newest occurrence of the key. Occurrences without an ETag, whose listing was invalid, count
    too.
    """
    changed_at: datetime | None = None
    """When the ledger recorded the newest occurrence or its removal."""
    same_bytes_loaded: datetime | None = None
    """When this task last committed an occurrence with the listed ETag and size and at least one row."""
    written_by_us: bool = False
    """Whether this workflow's own move or rename wrote the key."""
