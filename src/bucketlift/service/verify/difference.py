"""A difference between the ledger and a destination, a bucket or an archive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bucketlift.model.claim import Claim


class Kind(StrEnum):
    RECEIPT_MISSING = "receipt-missing"
    RECEIPT_UNKNOWN = "receipt-unknown"
    NO_RECEIPT = "no-receipt"
    ROWS_DIFFER = "rows-differ"
    UNFINISHED = "unfinished"
    STILL_THERE = "still-there"
    OVERDUE = "overdue"
    COPY_MISSING = "copy-missing"
    COPY_DIFFERS = "copy-differs"
    NOT_CHECKED = "not-checked"


HINTS = {
    Kind.RECEIPT_MISSING: "Was the destination restored from a backup? If the file's rows are gone and its object still exists, "
    "`bucketlift files reload` loads the file again.",
    Kind.RECEIPT_UNKNOWN: "Was the ledger restored from a backup? The rows are in the table, but the ledger does not know "
    "them: see docs/how-to/back-up-and-restore.md.",
    Kind.NO_RECEIPT: "Check whether the file's rows are in the table. `bucketlift files reload` loads the file again.",
    Kind.ROWS_DIFFER: "The table's rows were changed outside Bucketlift. `bucketlift files reload` loads the file's rows again, "
    "if its object still exists.",
    Kind.UNFINISHED: "Run the workflow: the run finishes the file.",
    Kind.STILL_THERE: "Is the bucket versioned or replicated? The next run treats the object as a new file.",
    Kind.OVERDUE: "`bucketlift files show` shows what the action waits for. `bucketlift run` tries the action again.",
    Kind.COPY_MISSING: "Check whether a person or a lifecycle rule of the archive's bucket deleted the copy.",
    Kind.COPY_DIFFERS: "The copy was replaced: it does not have the bytes that were loaded.",
    Kind.NOT_CHECKED: "Correct the cause, and verify again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    kind: Kind
    what: str
    task: str | None = None
    """The ID of the task in which the difference was found: a load for receipts and rows, an extract for
    objects.
    """
    claim: Claim | None = None
    hint: str | None = None
    """A hint that replaces the usual hint for this kind of difference."""

    @property
    def shown(self) -> dict[str, Any]:
        source = None if self.claim is None else self.claim.source
        return {
            "kind": self.kind.value,
            "task": self.task,
            "file": None if self.claim is None else self.claim.id,
            "bucket": None if source is None else source.bucket,
            "key": None if source is None else source.key,
            "what": self.what,
            "hint": HINTS[self.kind] if self.hint is None else self.hint,
        }
