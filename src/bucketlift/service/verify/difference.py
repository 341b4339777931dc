"""One thing that is not as the ledger says."""

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
    Kind.RECEIPT_MISSING: "Was the destination put back from a backup? `bucketlift files reload` loads the file anew, "
    "if its rows are gone and its object is there.",
    Kind.RECEIPT_UNKNOWN: "Was the ledger put back from a backup? See how to restore: the rows are there, and the "
    "ledger does not know.",
    Kind.NO_RECEIPT: "Look whether its rows are in the table; `bucketlift files reload` loads it anew.",
    Kind.ROWS_DIFFER: "Somebody changed the table's rows. `bucketlift files reload` brings the file's rows back, if "
    "its object is there.",
    Kind.UNFINISHED: "Run the workflow: it goes on with it.",
    Kind.STILL_THERE: "Does the bucket keep versions, or replicate? The next run takes the object for a new file.",
    Kind.OVERDUE: "`bucketlift files show` tells what it waits for; `bucketlift run` tries it again.",
    Kind.COPY_MISSING: "Did somebody, or a rule of the archive's bucket, remove it?",
    Kind.COPY_DIFFERS: "Somebody replaced the copy: it is not what was loaded.",
    Kind.NOT_CHECKED: "See to what is in the way, and verify again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    kind: Kind
    what: str
    task: str | None = None
    """The task it was found for: a load for receipts and rows, an extract for objects."""
    claim: Claim | None = None
    hint: str | None = None
    """Where the kind's own does not do."""

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
