"""The doctor's check which folders a prefix without a final slash matches."""

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
"""Maximum number of folders whose files are counted. Of other folders, only the names are reported."""
AT_MOST = 1_000
"""Maximum number of files that are counted in a folder: one page of a listing."""


def check_folders(visit: Visit, selection: Selection) -> None:
    """List the names of the folders once, then one page of each folder. Stop if the store refuses a call."""
    prefix = selection.prefix
    if not is_partial(prefix):
        return
    try:
        reach = _reach(visit, selection)
    except (*FOREIGN, BucketliftError):
        return  # the check of the whole prefix reports the missing right
    if not reach.is_several:
        return
    visit.add_finding(
        "folders",
        Health.WARNING,
        f"Prefix {prefix} does not end in / and reaches several folders (at most {AT_MOST:,} files counted "
        f"in each): {reach}",
        f"To select one folder only, write its full name with a / at the end ({reach.likely}).",
    )


def _reach(visit: Visit, selection: Selection) -> Reach:
    bucket, prefix = selection.bucket, selection.prefix
    answer = visit.raw("list_objects_v2", Bucket=bucket, Prefix=prefix, Delimiter="/")
    top = page_of(answer, bucket=bucket, prefix=prefix, folders=True)
    reach = Reach(prefix=prefix)
    # A store that ignores the delimiter lists the files instead; their keys also contain the folders.
    with_answer = [each.key for each in top.entries if _is_taken(selection, each)]
    named = set(top.folders)
    for key in with_answer:
        if folder_of(key, prefix) is None:
            reach.add(key)
    named |= {folder for key in with_answer if (folder := folder_of(key, prefix)) is not None}
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
