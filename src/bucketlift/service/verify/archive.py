"""Copies: what moves and renames made, against what rests in the archive."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, takewhile

from bucketlift.errors import BucketliftError
from bucketlift.ledger.maintenance.audit import ArchivedCopy
from bucketlift.model.source import ListedObject, Selection
from bucketlift.model.workflow import ExtractTask
from bucketlift.ports import ObjectStore
from bucketlift.service.core.app import App
from bucketlift.service.verify.difference import Difference, Kind


class Archive:
    """One look at all copies of a workflow. Ledger and listing are walked side by side, in the order of keys."""

    def __init__(self, app: App, workflow: str, *, deep: bool) -> None:
        self._app = app
        self._workflow = workflow
        self._deep = deep
        self.checked = 0

    def differences(self, tasks: tuple[ExtractTask, ...]) -> Iterator[Difference]:
        for task in tasks:
            for bucket, ends in self._app.ledger.audit.archives(self._workflow, task.id).items():
                try:
                    yield from self._bucket(task, Selection(bucket=bucket, prefix=_common(*ends)))
                except BucketliftError as error:
                    what = f"The copies in s3://{bucket} could not be looked at: {error.what}"
                    yield Difference(kind=Kind.NOT_CHECKED, what=what, task=task.id, hint=error.hint or None)

    def _bucket(self, task: ExtractTask, selection: Selection) -> Iterator[Difference]:
        store = self._app.connections.store(self._workflow, task)
        listing = store.find(selection)
        resting = next(listing, None)
        for copied in self._app.ledger.audit.copies(self._workflow, task.id, selection.bucket):
            while resting is not None and resting.key.encode() < copied.place.key.encode():
                resting = next(listing, None)
            self.checked += 1
            there = resting if resting is not None and resting.key == copied.place.key else None
            yield from self._copy(task, store, copied, there or _asked_again(store, copied))

    def _copy(
        self, task: ExtractTask, store: ObjectStore, copied: ArchivedCopy, resting: ListedObject | None
    ) -> Iterator[Difference]:
        if resting is None:
            what = f"Its copy {copied.place} is not there"
            yield Difference(kind=Kind.COPY_MISSING, what=what, task=task.id, claim=copied.claim)
        elif resting.size != copied.claim.source.size:
            what = f"Its copy {copied.place} has {resting.size:,} bytes, not {copied.claim.source.size:,}"
            yield Difference(kind=Kind.COPY_DIFFERS, what=what, task=task.id, claim=copied.claim)
        elif self._deep:
            digest = store.digest(copied.place)
            if digest is None or digest.sha256 != copied.claim.sha256:
                what = f"Its copy {copied.place} has other bytes than the file that was loaded"
                yield Difference(kind=Kind.COPY_DIFFERS, what=what, task=task.id, claim=copied.claim)


def _common(first: str, last: str) -> str:
    """What the first and the last of sorted keys begin with alike, and so all between them."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in alike)


def _asked_again(store: ObjectStore, copied: ArchivedCopy) -> ListedObject | None:
    """A copy that was made while the listing was read is not in it."""
    place = copied.place
    first = next(islice(store.find(Selection(bucket=place.bucket, prefix=place.key)), 1), None)
    return first if first is not None and first.key == place.key else None
