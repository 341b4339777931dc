"""Compares the ledger's record of moved and renamed objects with the copies in the archive."""

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
    """Compares all copies of a workflow. The ledger and the listing are read together, in the order of the
    keys.
    """

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
                    what = f"The copies in {f's3://{bucket}' if bucket else f'account {task.account}'} could not be checked: {error.what}"
                    yield Difference(kind=Kind.NOT_CHECKED, what=what, task=task.id, hint=error.hint or None)

    def _bucket(self, task: ExtractTask, selection: Selection) -> Iterator[Difference]:
        store = self._app.connections.store(self._workflow, task)
        listing = store.find(selection)
        listed = next(listing, None)
        for copied in self._app.ledger.audit.copies(self._workflow, task.id, selection.bucket):
            while listed is not None and listed.key.encode() < copied.place.key.encode():
                listed = next(listing, None)
            self.checked += 1
            there = listed if listed is not None and listed.key == copied.place.key else None
            yield from self._copy(task, store, copied, there or _listed_again(store, copied))

    def _copy(
        self, task: ExtractTask, store: ObjectStore, copied: ArchivedCopy, listed: ListedObject | None
    ) -> Iterator[Difference]:
        if listed is None:
            what = f"Its copy {copied.place} is missing"
            yield Difference(kind=Kind.COPY_MISSING, what=what, task=task.id, claim=copied.claim)
        elif listed.size != copied.claim.source.size:
            what = f"Its copy {copied.place} has {listed.size:,} bytes, not {copied.claim.source.size:,}"
            yield Difference(kind=Kind.COPY_DIFFERS, what=what, task=task.id, claim=copied.claim)
        elif self._deep:
            digest = store.digest(copied.place)
            if digest is None or digest.sha256 != copied.claim.sha256:
                what = f"The copy {copied.place} differs from the file that was loaded"
                yield Difference(kind=Kind.COPY_DIFFERS, what=what, task=task.id, claim=copied.claim)


def _common(first: str, last: str) -> str:
    """The common prefix of two keys. If they are the first and the last of sorted keys, all these keys have
    this prefix.
    """
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in alike)


def _listed_again(store: ObjectStore, copied: ArchivedCopy) -> ListedObject | None:
    """List a copy again, because it may have been made after its page was listed."""
    place = copied.place
    first = next(islice(store.find(Selection(bucket=place.bucket, prefix=place.key)), 1), None)
    return first if first is not None and first.key == place.key else None
