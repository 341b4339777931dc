"""The reasons to skip a listed key that can be found from the listing alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from bucketlift.errors import RequestWrong
from bucketlift.model.source import ListedObject
from bucketlift.model.workflow import ExtractTask, Rename, Start, StartAll, StartAt, StartNow
from bucketlift.rules.naming import is_marker, is_ours, is_renamed, is_storable, matches
from bucketlift.rules.schedules.clock import CLOCK_STEP
from bucketlift.rules.take import Decision

REASONS = {
    Decision.MARKER: "a folder marker: no bytes, and the key ends in /",
    Decision.OURS: "one of Bucketlift's own keys",
    Decision.PATTERN: "the base name does not match the pattern",
    Decision.RENAMED: "renamed by this workflow",
    Decision.KEY_UNSTORABLE: "the key contains a character that databases cannot store (NUL, or half of a surrogate pair)",
    Decision.TOO_BIG: "larger than the task's limit",
    Decision.BEFORE_START: "last modified before the workflow's start",
}


def cutoff(
    start: Start, *, switched_on: datetime, now: datetime, stores_now: datetime, first_listing: bool
) -> datetime | None:
    """The limit for the modification time of objects: older objects are skipped. None if there is no limit.

    With ``start: now`` only the first listing has a limit. Objects that appear later are always new, whatever
    their time is: a multipart object has the time at which its upload started.

    ``switched_on`` and ``now`` are times of our clock. The result is a time of the store's clock, like the
    times of objects.

    Raises:
        RequestWrong: our clock was set back since ``switched_on``, so the store's time for it is unknown.
    """
    match start:
        case StartAll():
            return None
        case StartNow():
            return _stores_time(switched_on, now, stores_now) if first_listing else None
        case StartAt(time=time):
            return time


def _stores_time(switched_on: datetime, now: datetime, stores_now: datetime) -> datetime:
    if switched_on > now + CLOCK_STEP:
        raise RequestWrong(
            "The clock was set back since the workflow was switched on, so it is not known which time `start: now` means: "
            f"the workflow was switched on at {switched_on:%Y-%m-%dT%H:%M:%SZ}, and now it is {now:%Y-%m-%dT%H:%M:%SZ}",
            hint=f"Write `start: {stores_now:%Y-%m-%dT%H:%M:%SZ}` (now) or an earlier time into the extract.",
        )
    return stores_now - max(now - switched_on, timedelta())


def unselected(listed: ListedObject, task: ExtractTask) -> Decision | None:
    """The first reason why the task never takes this key; None if it may take the key."""
    if is_marker(listed.key, listed.size):
        return Decision.MARKER
    if is_ours(listed.key):
        return Decision.OURS
    if isinstance(task.after_import, Rename) and is_renamed(task.after_import.prefix, listed.key):
        return Decision.RENAMED
    if not matches(task.selection.pattern, listed.key):
        return Decision.PATTERN
    return None if is_storable(listed.key) else Decision.KEY_UNSTORABLE


def barred(listed: ListedObject, task: ExtractTask, *, cut: datetime | None) -> Decision | None:
    """The reason why a selected object that is new to the ledger is not loaded; None if there is no reason.

    Call this only for occurrences that the ledger does not know yet, because a changed start or limit does
    not apply to known occurrences.
    """
    # S3 truncates times to seconds. The limit is truncated too, so that objects of the same second are
    # included.
    if listed.defect:
        return None
    if cut is not None and listed.modified is not None and listed.modified < cut.replace(microsecond=0):
        return Decision.BEFORE_START
    if task.max_bytes is not None and listed.size > task.max_bytes:
        return Decision.TOO_BIG
    return None
