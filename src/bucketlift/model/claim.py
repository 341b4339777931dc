"""What one extract task did with one source object."""

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
"""16 hex digits; to people, the id of a file."""

SKIPPED_BY_CONDITION = "condition"
"""The reason of a file that no loader was chosen for: the next run takes it again."""


SOURCE_REPLACED = "source-replaced"
"""The reason of a loaded file whose object was overwritten before its action: nothing is left to do."""


def claim_id(slug: str, task: str, source: SourceObject) -> ClaimId:
    digest = hashlib.sha256(f"{slug}\n{task}\n{source.identity}".encode("utf-8", "surrogatepass"))
    return ClaimId(digest.hexdigest()[:16])


class Suspicion(StrEnum):
    """A worker may have died over this file: it was worked on, and no outcome came."""

    TOGETHER = "together"
    """With others: any of them may be the cause."""
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
    """Those of the rejects that were mended and loaded."""
    shape: Shape | None = None
    """None where it was not read, or not in one piece."""
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    contract: str | None = None
    """Fingerprint of the contract that judged it last."""
    accepted: frozenset[str] = frozenset()
    """The held reasons that a person accepted: they no longer hold this file."""
    choice: tuple[str, ...] | None = None
    """The load tasks it goes to, fixed by the first run that committed it to any of them."""
    run: str | None = None
    """The run that took it last."""
    moved_to: str | None = None
    load_begun: bool = False
    """A load of this file was begun: a receipt in the destination may be its own."""
    suspicion: Suspicion | None = None
    deaths: int = 0
    """Of workers, over this file alone."""
    modified: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReceipt:
    """That one file was committed by one load task. A replace load's counts stand at its first file."""

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
    """A receipt, and the version of the workflow whose run wrote it: that one's load task says how."""

    receipt: ClaimReceipt
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAction:
    """One line of the outbox: what is still to be done to a source object after its commit."""

    claim: ClaimId
    source: SourceObject
    workflow: str
    task: str
    action: AfterImport
    sha256: str
    copied_to: str | None = None
    """Key of the verified copy, in the archive's bucket; None before it was made."""
    sent: bool = False
    """Whether a delete was sent already: its answer may have been lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """An action that waits until a time, and can be held or dropped until then."""

    action: str
    """delete, move or rename."""
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A listed object that a run takes, or names in the ledger with a reason not to."""

    claim: ClaimId
    source: SourceObject
    modified: datetime | None
    state: FileState
    reason: str | None = None
    what: str | None = None
    hint: str | None = None
    again: bool = False
    """Known, and read again for a replace unit only: its claim stays as it is."""
    was: FileState | None = None
    """The state the claim was seen in, where there is one: if it has moved on, a person was first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A claim as a member of one run's manifest."""

    claim: Claim
    again: bool
    staged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Files, rows and bytes of a manifest whose claims are in one state."""

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
    """Our own removal of the newest occurrence was confirmed."""
    claim: Claim | None = None
    """This task's claim on the newest occurrence."""
    last: int = 0
    """The highest occurrence of the key, those without an ETag included: the store's listing was wrong about them."""
    changed_at: datetime | None = None
    """When the ledger learnt of the newest occurrence, or of its removal."""
    same_bytes_loaded: datetime | None = None
    """When this task committed an occurrence with the listed ETag and size, and at least a row, anywhere."""
    written_by_us: bool = False
    """This workflow's own move or rename wrote the key."""
