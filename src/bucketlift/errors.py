"""Every error that Bucketlift raises, in one tree. The branch of an error shows what to do next.

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
├── NeedsPerson          a person must act first
│   ├── RequestWrong     the request itself is wrong; nothing was changed
│   │   └── NotAvailable
│   ├── AccessRefused
│   ├── NotFound
│   ├── ObjectArchived
│   ├── ObjectEncrypted
│   ├── ObjectLocked
│   ├── PlaceTaken
│   ├── DestinationRefused
│   │   ├── RowsNotKept
│   │   └── NameTaken
│   ├── FileHeld
│   └── SecretUnreadable
└── OurFault             a defect of Bucketlift
    └── IllegalMove
"""

from __future__ import annotations

import traceback
from typing import ClassVar


class BucketliftError(Exception):
    """An error that states what happened, to what, and what to do about it.

    Its text never contains a secret or the content of a cell.
    """

    default_hint: ClassVar[str] = ""

    def __init__(self, what: str, *, to: str = "", hint: str | None = None, key: str = "") -> None:
        """``key``: the key of the settings that the error is about, if it is about one of several."""
        super().__init__(what, to, hint)
        self.what = what
        self.to = to
        self.key = key
        self.hint = self.default_hint if hint is None else hint

    def __str__(self) -> str:
        head = f"{self.what}: {self.to}" if self.to else self.what
        return f"{head}. {self.hint}" if self.hint else head


def places_of(error: BaseException) -> list[str]:
    """The positions in Bucketlift's code that an error's traceback contains, outermost first. The error's
    text is left out, because it may contain a cell.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [each for each in frames if each.f_globals.get("__name__", "").startswith("bucketlift.")]
    return [f"{each.f_globals['__name__']}.{each.f_code.co_name}:{each.f_lineno}" for each in own]


class Transient(BucketliftError):
    """The same work may succeed on a second try."""

    default_hint = "The next run tries again."


class StoreUnavailable(Transient):
    """The object store could not be reached, throttled the call, or returned a server error."""


class ObjectChanged(Transient):
    """The object is no longer the version in the manifest."""

    default_hint = "The next run finds the new object as a new occurrence."


class ObjectGone(Transient):
    """The object no longer exists."""

    default_hint = "Nothing is left to do for it. If it is uploaded again, the next run finds it."


class ListingRaced(Transient):
    """Two runs listed the same key at the same time, and the store showed them different versions."""


class DestinationBusy(Transient):
    """The destination is down, or another process or session has locked it."""


class LedgerUnavailable(Transient):
    """The ledger's database could not be reached, or the connection was lost. The transaction was rolled
    back.
    """

    default_hint = "Nothing is lost: unfinished work continues when the ledger is back."


class NotDelivered(Transient):
    """A notice was not delivered. The error never names the address of a webhook, which is a secret."""

    default_hint = ""


class LeaseLost(Transient):
    """Another worker has taken over this work. Further writes of this worker are refused."""


class NeedsPerson(BucketliftError):
    """A person must act before the same work can succeed."""


class RequestWrong(NeedsPerson):
    """The request is invalid. Nothing was changed."""


class LedgerUpgraded(RequestWrong):
    """A newer version has migrated the ledger, so this version must not use it."""


class NotAvailable(RequestWrong):
    """The request uses a documented feature that this version does not support yet."""

    default_hint = "Leave it out, or use a later version."


class AccessRefused(NeedsPerson):
    """The store or STS refused the call, because of a missing right, a wrong key, or a role that does not
    trust us.
    """


class NotFound(NeedsPerson):
    """The named bucket, role, account, workflow or file does not exist."""


class ObjectArchived(NeedsPerson):
    """The object is in an archive tier and must be restored before it can be read."""

    default_hint = "Restore the object in S3; the next run then reads it."


class ObjectEncrypted(NeedsPerson):
    """The object is encrypted with its writer's own key (SSE-C). Bucketlift cannot read it."""

    default_hint = (
        "Bucketlift has no such keys. Ask the sender to put the object there without SSE-C (SSE-S3 and SSE-KMS can be "
        "read); it is loaded then as a new file."
    )


class ObjectLocked(NeedsPerson):
    """Object lock, a legal hold or a write-once store prevents the object from being deleted or overwritten."""


class PlaceTaken(NeedsPerson):
    """An object exists already at the target key of a copy that must not overwrite. Nothing was overwritten."""


class DestinationRefused(NeedsPerson):
    """The destination cannot accept these rows, because it has other columns, is read-only or not a database,
    or because a right is missing.
    """

    reason: ClassVar[str] = "destination-refused"
    """The reason with which the ledger holds the file. The reasons are explained in
    docs/reference/reasons.md.
    """


class RowsNotKept(DestinationRefused):
    """A constraint, trigger or rule of the table dropped, replaced or moved rows of the load. The load was rolled
    back.
    """

    reason = "rows-not-kept"


class NameTaken(DestinationRefused):
    """Another file already has the name that a load gives to its file. Nothing was written."""

    reason = "name-taken"


class FileHeld(NeedsPerson):
    """A whole file is refused: none of its rows may be loaded."""

    def __init__(self, what: str, *, to: str = "", hint: str | None = None, reason: str = "") -> None:
        super().__init__(what, to=to, hint=hint)
        self.reason = reason
        """The reason with which the ledger holds the file. The reasons are explained in
        docs/reference/reasons.md.
        """


class SecretUnreadable(NeedsPerson):
    """A secret does not exist, or cannot be decrypted with the vault's key."""


class OurFault(BucketliftError):
    """A defect of Bucketlift."""

    default_hint = "Please report it with the run's ID."


class IllegalMove(OurFault):
    """A state change that the lifecycle does not allow."""
