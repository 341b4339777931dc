"""Checks a permission by a call on a random key that does not exist, so that nothing is read or changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from botocore.exceptions import ClientError

from bucketlift.errors import AccessRefused
from bucketlift.model.finding import Health
from bucketlift.model.source import Place, Selection
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.probes import random_place
from bucketlift.stores.translation import action_named, code_of, translate

HIDDEN = "S3 also answers 403 if the object does not exist and the role may not list the bucket"


def check_by_random_key(
    visit: Visit,
    check: str,
    selection: Selection,
    action: str,
    call: Callable[[Mapping[str, str]], object],
    *,
    because: str,
) -> None:
    """Check a permission with ``call``, which gets the bucket and the random key. ``because``: the reason why
    no object of the bucket is used.
    """
    place = random_place(Place(bucket=selection.bucket, key=selection.prefix))
    to, right = (
        f"s3://{place['Bucket']}/{place['Key']}",
        f"{action} on {selection.bucket}/{selection.prefix}*",
    )
    try:
        call(place)
    except FOREIGN as error:
        missing = isinstance(error, ClientError) and code_of(error) in ("NoSuchKey", "404")
        if missing or action_named(error) == "s3:ListBucket":
            visit.ok(check, f"The call is allowed: it was tried with a random key, because {because}")
        elif isinstance(translate(error, to), AccessRefused) and action_named(error) is None:
            visit.add_finding(
                check,
                Health.UNKNOWN,
                f"The call was tried with a random key, because {because}, and was refused. {HIDDEN}",
                f"Check again when a file exists. If the call is refused again, grant {right}.",
            )
        else:
            visit.refused(check, error, to, f"Grant {right}.")
