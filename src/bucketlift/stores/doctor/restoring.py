"""Whether the account may restore archived objects, for tasks that ask for it."""

from __future__ import annotations

from botocore.exceptions import ClientError

from bucketlift.errors import AccessRefused
from bucketlift.model.finding import Health
from bucketlift.model.source import Place, Restore, Selection
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.source import HIDDEN
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.probes import random_place
from bucketlift.stores.thawing import restore_request
from bucketlift.stores.translation import action_named, code_of, ours

CHECK = "restore"


def check_restore(visit: Visit, selection: Selection, wanted: Restore) -> None:
    """Request the restore of a random key that does not exist. This restores nothing and costs nothing."""
    place = random_place(Place(bucket=selection.bucket, key=selection.prefix))
    to = f"s3://{place['Bucket']}/{place['Key']}"
    right = f"s3:RestoreObject on {selection.bucket}/{selection.prefix}*"
    try:
        visit.raw("restore_object", **place, RestoreRequest=restore_request(wanted))
    except FOREIGN as error:
        if isinstance(error, ClientError) and code_of(error) in ("NoSuchKey", "404"):
            visit.ok(CHECK, "Allowed (a random key was tried)")
        elif (
            isinstance(ours(error, to), AccessRefused)
            and action_named(error) is None
            and not visit.is_ok("list")
        ):
            visit.found(CHECK, Health.UNKNOWN, f"A random key was refused. {HIDDEN}", f"Grant {right}.")
        else:
            visit.refused(CHECK, error, to, f"Grant {right}.")
