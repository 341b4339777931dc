"""A first look into a bucket while a task is set up: what would be taken, and of the others why not."""

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

LOOKED_AT = 1_000
"""Keys: one page of a listing."""
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    taken: tuple[ListedObject, ...]
    """The first that match."""
    left: tuple[tuple[ListedObject, str], ...]
    """The first that do not, and why."""
    matching: int
    others: int
    octets: int
    """Of those that match."""
    more: bool
    """Whether there is more under the prefix than was looked at."""
    reach: Reach
    """The folders of the files that match."""


def look(app: App, user: User, extract: extracts.Form) -> Look:
    """List the beginning of what is under the prefix. Nothing is read.

    Raises:
        NotFound: the account is not this person's to use, or there is no such bucket.
        RequestWrong: what was said so far is no selection.
        AccessRefused, StoreUnavailable: the bucket could not be listed.
    """
    sharing.require_usable(app, user, str(extract.get("account", "")))
    task = _task(extract)
    store = app.connections.store("look", task)
    listed = list(islice(store.find(task.selection), LOOKED_AT + 1))
    judged = [(each, unselected(each, task)) for each in listed[:LOOKED_AT]]
    taken = [each for each, why in judged if why is None]
    reach = Reach(prefix=task.selection.prefix)
    for each in taken:
        reach.add(each.key)
    left = [(each, REASONS[why]) for each, why in judged if why is not None]
    return Look(
        taken=tuple(taken[:SHOWN]),
        left=tuple(left[:SHOWN]),
        matching=len(taken),
        others=len(left),
        octets=sum(each.size for each in taken),
        more=len(listed) > LOOKED_AT,
        reach=reach,
    )


def _task(extract: extracts.Form) -> ExtractTask:
    """The same for the same selection: the store is opened once for it."""
    wanted = {"kind", "account", "bucket", "prefix", "pattern", "after_import"}
    bare = extracts.bare({name: value for name, value in extract.items() if name in wanted})
    return ExtractTask(
        id="look",
        account=bare.account,
        selection=bare.selection,
        contract=Contract(fields=()),
        after_import=bare.after_import,
    )
