"""Takes the sample of a task from the bucket: lists the newest files that match, and fetches the first bytes
of one of them.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePosixPath

from bucketlift.errors import ObjectChanged, ObjectGone, RequestWrong
from bucketlift.model.source import ListedObject, SourceObject
from bucketlift.model.user import User
from bucketlift.rules.decision import unselected
from bucketlift.service.accounts import sharing
from bucketlift.service.core.app import App
from bucketlift.service.editor import extracts, samples, selection_preview
from bucketlift.service.editor.sample_files import needs_whole

LISTED = 10_000
"""Maximum number of keys that are listed. S3 lists by key, not by time."""
SHOWN = 50
FETCHED = 1_000_000
"""Number of bytes at the beginning of a file that are fetched."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest files that match the selection of a task."""

    files: tuple[ListedObject, ...]
    matching: int
    more: bool
    """Whether the prefix has more keys than were listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    name: str
    content: bytes
    size: int
    """The size of the whole file."""


def newest(app: App, user: User, extract: extracts.Form) -> Newest:
    """List the newest files that match. File contents are not read.

    Raises:
        NotFound: the user cannot use the account, or there is no such bucket.
        RequestWrong: the selection is incomplete or not valid.
        AccessRefused, StoreUnavailable: the bucket could not be listed.
    """
    sharing.require_usable(app, user, str(extract.get("account", "")))
    task = selection_preview.selection_of(extract)
    listed = list(islice(app.connections.store("look", task).find(task.selection), LISTED + 1))
    taken = [each for each in listed[:LISTED] if unselected(each, task) is None and not each.defect]
    return Newest(
        files=tuple(heapq.nlargest(SHOWN, taken, key=lambda each: each.modified or _NEVER)),
        matching=len(taken),
        more=len(listed) > LISTED,
    )


def fetch(app: App, user: User, extract: extracts.Form, listed: ListedObject) -> Fetched:
    """The first bytes of exactly this version of a file. A file that can only be unpacked or decrypted as a
    whole is fetched whole if it is as small as an upload may be.

    Raises:
        NotFound: the user cannot use the account.
        RequestWrong: the file does not match the selection, or was changed after it was listed.
        ObjectArchived, AccessRefused, StoreUnavailable: the file cannot be read.
    """
    sharing.require_usable(app, user, str(extract.get("account", "")))
    task = selection_preview.selection_of(extract)
    if not listed.key.startswith(task.selection.prefix) or unselected(listed, task) is not None:
        raise RequestWrong(
            "The file does not match the selection of the task",
            to=listed.key,
            hint="List the files again, and choose one of them.",
        )
    store = app.connections.store("look", task)
    source = SourceObject(
        store=store.store,
        bucket=task.selection.bucket,
        key=listed.key,
        etag=listed.etag,
        size=listed.size,
        occurrence=1,
    )
    try:
        content = store.beginning(source, FETCHED)
        if FETCHED < listed.size <= samples.LARGEST and needs_whole(content):
            content = store.beginning(source, listed.size)
    except (ObjectChanged, ObjectGone):
        hint = "List the files again, and choose one of them."
        raise RequestWrong(
            "The file was changed or removed after it was listed", to=listed.key, hint=hint
        ) from None
    return Fetched(name=PurePosixPath(listed.key).name, content=content, size=listed.size)
