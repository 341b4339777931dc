"""Compares the listing of the bucket with the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from bucketlift.errors import BucketliftError
from bucketlift.model.claim import Claim, KeyFacts
from bucketlift.model.lifecycle import BEGUN, FileState
from bucketlift.model.source import ListedObject, location
from bucketlift.model.workflow import ExtractTask
from bucketlift.rules.decision import unselected
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App
from bucketlift.service.verify.difference import Difference, Kind

PAGE = 1_000
LONG = timedelta(days=1)
"""The time after which an overdue action is reported."""


class Objects:
    """Compares the listings of all tasks of a workflow with the ledger, page by page."""

    def __init__(self, app: App, workflow: str) -> None:
        self._app = app
        self._workflow = workflow
        self.counts: Counter[str] = Counter(listed=0, known=0, new=0)

    def differences(self, tasks: tuple[ExtractTask, ...]) -> Iterator[Difference]:
        for task in tasks:
            try:
                yield from self._listing(task)
            except BucketliftError as error:
                place = location(task.selection.bucket, task.selection.prefix) or f"account {task.account}"
                what = f"{place} could not be listed: {error.what}"
                yield Difference(kind=Kind.NOT_CHECKED, what=what, task=task.id, hint=error.hint or None)
        yield from self._left()

    def _listing(self, task: ExtractTask) -> Iterator[Difference]:
        store = self._app.connections.store(self._workflow, task)
        # The store's pages perhaps do not align with ours, so the exact time at which an object was listed is
        # unknown. It is later than our request for the page before the last one.
        earlier = before = asked_at = self._app.now()
        listing = store.find(task.selection)
        while page := list(islice(listing, PAGE)):
            selected = [each for each in page if unselected(each, task) is None]
            facts = self._app.ledger.survey.facts(
                store.store, task.selection.bucket, selected, workflow=self._workflow, task=task.id
            )
            claims = [known.claim.id for known in facts if known.claim is not None]
            due = self._app.ledger.audit.due(claims)
            for listed, known in zip(selected, facts, strict=True):
                yield from self._key(task, listed, known, earlier)
                if known.claim is not None and known.claim.id in due:
                    yield from self._overdue(task, known.claim, due[known.claim.id])
            earlier, before, asked_at = before, asked_at, self._app.now()

    def _key(
        self, task: ExtractTask, listed: ListedObject, known: KeyFacts, asked_at: datetime
    ) -> Iterator[Difference]:
        newest, claim = known.newest, known.claim
        same = newest is not None and (newest.etag, newest.size) == (listed.etag, listed.size)
        self.counts["listed"] += 1
        self.counts["known" if same and not known.removed and claim is not None else "new"] += 1
        if not (same and known.removed) or claim is None or claim.modified != listed.modified:
            return
        if known.changed_at is not None and known.changed_at < asked_at:
            what = "The object was deleted or moved, but an object with the same bytes and time is still under its key"
            yield Difference(kind=Kind.STILL_THERE, what=what, task=task.id, claim=claim)

    def _overdue(self, task: ExtractTask, claim: Claim, due_at: datetime) -> Iterator[Difference]:
        if claim.state in (FileState.COMMITTED, FileState.ACTING) and due_at < self._app.now() - LONG:
            why = f": {claim.what}" if claim.what else ""
            what = f"The object still exists, although its action was due at {time_text(due_at)}{why}"
            yield Difference(kind=Kind.OVERDUE, what=what, task=task.id, claim=claim)

    def _left(self) -> Iterator[Difference]:
        """Yield the files that a run has started and that no run is processing now."""
        if self._app.ledger.runs.unfinished(self._workflow):
            return
        begun = self._app.ledger.claims.find(workflow=self._workflow, states=BEGUN, limit=PAGE)
        if begun and not self._app.ledger.runs.unfinished(self._workflow):
            for claim in begun:
                what = f"A run started to process the file (state `{claim.state.value}`), and ended without a result"
                yield Difference(kind=Kind.UNFINISHED, what=what, task=claim.task, claim=claim)
