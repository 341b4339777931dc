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
"""The ID of a claim: 16 hex digits. Users see it as the ID of a file."""

SKIPPED_BY_CONDITION = "condition"
"""The reason of a file for which the conditions chose no loader. The next run takes it again."""


SOURCE_REPLACED = "source-replaced"
"""The reason of a loaded file whose object was overwritten before the action on it. No action follows."""


def claim_id(slug: str, task: str, source: SourceObject) -> ClaimId:
    digest = hashlib.sha256(f"{slug}\n{task}\n{source.identity}".encode("utf-8", "surrogatepass"))
    return ClaimId(digest.hexdigest()[:16])


class Suspicion(StrEnum):
    """The reason to suspect that a file killed its worker: work on the file started, and no result was
    recorded.
    """

    TOGETHER = "together"
    """The worker was processing several files; any of them may be the cause."""
    ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The record of one source object in one extract task of one workflow."""

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
    refused: int = 0
    """Number of rows that a destination refused after the file was read. They are not in ``rejected``."""
    shape: Shape | None = None
    """The position of each field in the file. None if unknown: no header was read, or the parts of the file
    have different columns.
    """
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    contract: str | None = None
    """Fingerprint of the contract against which the file was last checked."""
    accepted: frozenset[str] = frozenset()
    """The hold reasons that a person accepted for this file. It is no longer held for them."""
    choice: tuple[str, ...] | None = None
    """The load tasks that load this file. They are fixed before the first of these loads starts: its rows may be in
    the destination afterwards, even if the run did not see that.
    """
    run: str | None = None
    """The last run that took the file."""
    moved_to: str | None = None
    load_begun: bool = False
    """Whether a load of this file has started. If so, a destination may have a receipt of the load."""
    suspicion: Suspicion | None = None
    deaths: int = 0
    """Number of workers that died while they processed only this file."""
    modified: datetime | None = None
    updated_at: datetime | None = None

    @property
    def rejects(self) -> int:
        """Number of all rejects: records that could not be read, and rows that a destination refused."""
        return self.rejected + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReceipt:
    """The proof that one load task has committed one file. The counts of a replace load are stored with its
    first file.
    """

    claim: ClaimId
    load_task: str
    load: LoadId
    destination: str
    table: str
    inserted: int
    updated: int
    unchanged: int
    committed_at: datetime
    refused: int = 0
    """Number of rows that the destination refused. They are rejects of the file for this load task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A receipt with the workflow version of its run. The load task of this version defines the target."""

    receipt: ClaimReceipt
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAction:
    """One entry of the outbox: an action on a source object, due after the object's rows are committed."""

    claim: ClaimId
    source: SourceObject
    workflow: str
    task: str
    action: AfterImport
    sha256: str
    copied_to: str | None = None
    """Key of the verified copy in the archive's bucket; None before the copy exists."""
    sent: bool = False
    """Whether the delete call was already sent. If so, the object may be deleted although no answer arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """A delayed action. A person can hold or drop it until it is due."""

    action: str
    """The kind of the action: delete, move or rename."""
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A listed object that a run takes, or that the run only records in the ledger, with the reason why it
    does not take the object.
    """

    claim: ClaimId
    source: SourceObject
    modified: datetime | None
    state: FileState
    reason: str | None = None
    what: str | None = None
    hint: str | None = None
    again: bool = False
    """Whether the object is known already, and is only read again for a replace unit. Its claim then does not
    change.
    """
    was: FileState | None = None
    """The state of the claim when the run read it; None for a new claim. If the claim has another state
    later, a person has changed it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A claim with its place in a run's manifest."""

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
    """What the ledger knows about one key, for one extract task."""

    newest: SourceObject | None = None
    removed: bool = False
    """Whether Bucketlift removed the newest occurrence itself, and the removal was confirmed."""
    claim: Claim | None = None
    """The claim of this task on the newest occurrence."""
    last: int = 0
    """The number of the newest occurrence of the key. Occurrences without an ETag (their listing was invalid)
    are counted too.
    """
    changed_at: datetime | None = None
    """The time at which the ledger recorded the newest occurrence or its removal."""
    same_bytes_loaded: datetime | None = None
    """The last time at which this task committed an occurrence with the same ETag and size as listed, and
    with at least one row.
    """
    written_by_us: bool = False
    """Whether a move or rename of this workflow wrote the key."""
