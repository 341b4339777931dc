"""Which folders a prefix reaches if it does not end in a slash."""

from __future__ import annotations

from bucketlift.errors import BucketliftError
from bucketlift.model.finding import Health
from bucketlift.model.source import ListedObject, Selection
from bucketlift.rules.naming import is_marker, is_ours, matches
from bucketlift.rules.reach import Reach, folder_of, is_partial
from bucketlift.stores.answers import page_of
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.visit import Visit

COUNTED = 10
"""Folders that are listed for their number of files; of others only the names are known."""
AT_MOST = 1_000
"""Files that are counted in each: one page of a listing."""


def look_at_folders(visit: Visit, selection: Selection) -> None:
    """One listing of the folders' names, then one page of each; a store that refuses either is not asked again."""
    prefix = selection.prefix
    if not is_partial(prefix):
        return
    try:
        reach = _reach(visit, selection)
    except (*FOREIGN, BucketliftError):
        return  # the listing of the whole prefix says what is missing
    if not reach.is_several:
        return
    visit.found(
        "folders",
        Health.WARNING,
        f"Prefix {prefix} does not end in / and reaches several folders (at most {AT_MOST:,} files counted "
        f"in each): {reach}",
        f"To take one folder only, write its whole name with a / at the end ({reach.likely}).",
    )


def _reach(visit: Visit, selection: Selection) -> Reach:
    bucket, prefix = selection.bucket, selection.prefix
    answer = visit.raw("list_objects_v2", Bucket=bucket, Prefix=prefix, Delimiter="/")
    top = page_of(answer, bucket=bucket, prefix=prefix, folders=True)
    reach = Reach(prefix=prefix)
    # A store that ignores the delimiter lists the files instead; their keys name the folders too.
    beside = [each.key for each in top.entries if _is_taken(selection, each)]
    named = set(top.folders)
    for key in beside:
        if folder_of(key, prefix) is None:
            reach.add(key)
    named |= {folder for key in beside if (folder := folder_of(key, prefix)) is not None}
    for position, folder in enumerate(sorted(named)):
        if position < COUNTED:
            page = page_of(
                visit.raw("list_objects_v2", Bucket=bucket, Prefix=folder), bucket=bucket, prefix=folder
            )
            for each in page.entries:
                if _is_taken(selection, each):
                    reach.add(each.key)
        else:
            reach.uncounted += 1
    return reach


def _is_taken(selection: Selection, listed: ListedObject) -> bool:
    key = listed.key
    return not is_marker(key, listed.size) and not is_ours(key) and matches(selection.pattern, key)
