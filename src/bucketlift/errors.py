"""Every error that Bucketlift raises, in one tree whose branches answer "what now?".

BucketliftError
├── Transient            the same work may succeed on a second try
│   ├── StoreUnavailable
│   ├── ObjectChanged
│   ├── ObjectGone
│   ├── ListingRaced
│   ├── DestinationBusy
│   ├── LedgerUnavailable
│   ├── NotDelivered
│   └── LeaseLost
├── NeedsPerson          somebody must act first
│   ├── RequestWrong     the request itself; nothing was touched
│   │   └── NotAvailable
│   ├── AccessRefused
│   ├── NotFound
│   ├── ObjectArchived
│   ├── ObjectEncrypted
│   ├── ObjectLocked
│   ├── PlaceTaken
│   ├── DestinationRefused
│   │   └── RowsNotKept
│   ├── FileHeld
│   └── SecretUnreadable
└── OurFault             a defect of Bucketlift
    └── IllegalMove
"""

from __future__ import annotations

import traceback
from typing import ClassVar


class BucketliftError(Exception):
    """Says what happened, to what, and what to do about it.

    Never carries a secret or the content of a cell.
    """

    default_hint: ClassVar[str] = ""

    def __init__(self, what: str, *, to: str = "", hint: str | None = None) -> None:
        super().__init__(what, to, hint)
        self.what = what
        self.to = to
        self.hint = self.default_hint if hint is None else hint

    def __str__(self) -> str:
        head = f"{self.what}: {self.to}" if self.to else self.what
        return f"{head}. {self.hint}" if self.hint else head


def places_of(error: BaseException) -> list[str]:
    """Where in Bucketlift an error arose, outermost first; without its own words, which may hold a cell."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [each for each in frames if each.f_globals.get("__name__", "").startswith("bucketlift.")]
    return [f"{each.f_globals['__name__']}.{each.f_code.co_name}:{each.f_lineno}" for each in own]


class Transient(BucketliftError):
    """The same work may succeed on a second try."""

    default_hint = "It is tried again by the next run."


class StoreUnavailable(Transient):
    """The object store could not be reached, throttled us, or answered with a fault of its own."""


class ObjectChanged(Transient):
    """The object is no longer the one the manifest names."""

    default_hint = "The next run finds the new object as a new occurrence."


class ObjectGone(Transient):
    """The object is no longer there."""

    default_hint = "Nothing is left to do for it; if it returns, the next run finds it."


class ListingRaced(Transient):
    """Two runs listed one key at the same time and saw different bytes under it."""


class DestinationBusy(Transient):
    """Somebody else holds the destination, or it is down."""


class LedgerUnavailable(Transient):
    """The ledger's own database could not be reached, or broke off; its transaction was undone."""

    default_hint = "Nothing is lost: what was begun is taken up again when the ledger is back."


class NotDelivered(Transient):
    """A notice did not reach its address. Never names a webhook's address, which is a secret."""

    default_hint = ""


class LeaseLost(Transient):
    """Another worker has taken this work over; what this one still wanted to write is refused."""


class NeedsPerson(BucketliftError):
    """Somebody must act before the same work can succeed."""


class RequestWrong(NeedsPerson):
    """The request cannot be carried out as it stands; nothing was touched."""


class NotAvailable(RequestWrong):
    """Part of the public contract that this version does not have yet."""

    default_hint = "Leave it out, or use a later version."


class AccessRefused(NeedsPerson):
    """The store or STS refused the call: a missing right, a wrong key, or a role that does not trust us."""


class NotFound(NeedsPerson):
    """A bucket, role, account, workflow or file that was named does not exist."""


class ObjectArchived(NeedsPerson):
    """The object is in an archive tier and must be restored before it can be read."""

    default_hint = "Restore the object in S3; the next run then reads it."


class ObjectEncrypted(NeedsPerson):
    """The object is encrypted with a key that its writer keeps (SSE-C): nobody else can read it."""

    default_hint = (
        "Bucketlift has no such keys. Ask the sender to put the object there without SSE-C (SSE-S3 and SSE-KMS can be "
        "read); it is loaded then as a new file."
    )


class ObjectLocked(NeedsPerson):
    """Object lock, a legal hold or a write-once store keeps the object from being deleted or overwritten."""


class PlaceTaken(NeedsPerson):
    """A create-only copy found another object at its place. Nothing was overwritten."""


class DestinationRefused(NeedsPerson):
    """The destination cannot take these rows: other columns, read-only, no right, or not a database."""

    reason: ClassVar[str] = "destination-refused"
    """Of a file that is held for it, as docs/reference/reasons.md lists them."""


class RowsNotKept(DestinationRefused):
    """A constraint, trigger or rule of the table dropped, replaced or moved rows of the load; it was undone."""

    reason = "rows-not-kept"


class FileHeld(NeedsPerson):
    """A file as a whole is refused: none of its rows may be loaded."""

    def __init__(self, what: str, *, to: str = "", hint: str | None = None, reason: str = "") -> None:
        super().__init__(what, to=to, hint=hint)
        self.reason = reason
        """One word, as docs/reference/reasons.md lists them."""


class SecretUnreadable(NeedsPerson):
    """A secret that an account names is not there, or cannot be decrypted with this key."""


class OurFault(BucketliftError):
    """A defect of Bucketlift."""

    default_hint = "Please report it with the run's id."


class IllegalMove(OurFault):
    """A state was to follow another that has no arrow to it."""
