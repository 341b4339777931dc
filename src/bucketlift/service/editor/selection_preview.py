"""A preview of the files that a task selects, and of those that it does not select, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from bucketlift.model.contract import Contract
from bucketlift.model.source import ListedObject
from bucketlift.model.user import User
from bucketlift.model.workflow import ExtractTask
from bucketlift.rules.decision import REASONS, unselected
from bucketlift.rules.reach import Reach
from bucketlift.service.accounts import sharing
from bucketlift.service.core.app import App
from bucketlift.service.editor import extracts

LISTED = 1_000
"""Maximum number of keys that are listed: one page."""
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionPreview:
    """The first files under a prefix: those that the task selects, and the others."""

    taken: tuple[ListedObject, ...]
    """The first files that match the selection."""
    left: tuple[tuple[ListedObject, str], ...]
    """The first files that do not match the selection, each with the reason."""
    matching: int
    others: int
    bytes: int
    """The total number of bytes of the matching files."""
    more: bool
    """Whether the prefix has more files than were listed."""
    reach: Reach
    """The folders that contain the matching files."""


def preview(app: App, user: User, extract: extracts.Form) -> SelectionPreview:
    """List the first files under the prefix. File contents are not read.

    Raises:
        NotFound: the user cannot use the account, or there is no such bucket.
        RequestWrong: the selection is incomplete or not valid.
        AccessRefused, StoreUnavailable: the bucket could not be listed.
    """
    sharing.require_usable(app, user, str(extract.get("account", "")))
    task = selection_of(extract)
    store = app.connections.store("look", task)
    listed = list(islice(store.find(task.selection), LISTED + 1))
    judged = [(each, unselected(each, task)) for each in listed[:LISTED]]
    taken = [each for each, why in judged if why is None]
    reach = Reach(prefix=task.selection.prefix)
    for each in taken:
        reach.add(each.key)
    left = [(each, REASONS[why]) for each, why in judged if why is not None]
    return SelectionPreview(
        taken=tuple(taken[:SHOWN]),
        left=tuple(left[:SHOWN]),
        matching=len(taken),
        others=len(left),
        bytes=sum(each.size for each in taken),
        more=len(listed) > LISTED,
        reach=reach,
    )


def selection_of(extract: extracts.Form) -> ExtractTask:
    """A task made only of the selection, so that equal selections share one open store."""
    keys = {"kind", "account", "bucket", "prefix", "pattern", "after_import"}
    compiled_alone = extracts.compiled_alone({name: value for name, value in extract.items() if name in keys})
    return ExtractTask(
        id="look",
        account=compiled_alone.account,
        selection=compiled_alone.selection,
        contract=Contract(fields=()),
        after_import=compiled_alone.after_import,
    )
