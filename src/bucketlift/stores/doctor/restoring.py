"""The doctor's check whether the account may restore archived objects. It is made only for tasks that restore
them.
"""

from __future__ import annotations

from bucketlift.model.source import Restore, Selection
from bucketlift.stores.doctor.random_key import check_by_random_key
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.thawing import restore_request


def check_restore(visit: Visit, selection: Selection, restore_settings: Restore) -> None:
    """Request the restore of a random key that does not exist. This restores nothing and costs nothing."""
    check_by_random_key(
        visit,
        "restore",
        selection,
        "s3:RestoreObject",
        lambda place: visit.raw("restore_object", **place, RestoreRequest=restore_request(restore_settings)),
        because="a restore of a file would cost money",
    )
