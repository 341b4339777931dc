"""Verifies a workflow: makes all comparisons, and returns one result."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Any

from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App
from bucketlift.service.verify.archive import Archive
from bucketlift.service.verify.objects import Objects
from bucketlift.service.verify.receipts import Receipts

SHOWN = 1_000


def verify(app: App, workflow: str, *, deep: bool = False) -> dict[str, Any]:
    """Compare receipts, rows, objects and copies of a workflow with the ledger. Changes nothing; runs may continue.

    ``deep`` reads every copy in the archive and compares its SHA-256.

    Raises:
        NotFound: there is no such workflow.
    """
    definition = app.ledger.catalog.workflow(workflow)
    tasks, began = definition.workflow.extracts, app.now()
    receipts, objects = Receipts(app, definition), Objects(app, workflow)
    archive = Archive(app, workflow, deep=deep)
    shown: list[dict[str, Any]] = []
    kinds: Counter[str] = Counter()
    for each in chain(receipts.differences(), objects.differences(tasks), archive.differences(tasks)):
        kinds[each.kind.value] += 1
        if len(shown) < SHOWN:
            shown.append(each.shown)
    total = sum(kinds.values())
    return {
        "workflow": workflow,
        "agrees": total == 0,
        "began_at": time_text(began),
        "files": app.ledger.audit.states(workflow),
        "checked": {"receipts": receipts.checked, "objects": dict(objects.counts), "copies": archive.checked},
        "found": dict(kinds),
        "differences": shown,
        "next": str(SHOWN) if total > SHOWN else None,
    }
