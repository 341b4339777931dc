"""Finds files, and shows them as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import FileState
from bucketlift.rules.document import file_outcome, time_text
from bucketlift.service.core.app import App


def find(
    app: App,
    *,
    workflow: str | None = None,
    states: tuple[FileState, ...] = (),
    reasons: tuple[str, ...] = (),
    run: str | None = None,
    waiting: bool = False,
    limit: int = 1000,
    offset: int = 0,
) -> list[Claim]:
    """Find files, ordered by key. ``run``: the files of its manifest. ``waiting``: only files whose action is
    delayed.

    Raises:
        NotFound: there is no such run.
    """
    return app.ledger.claims.find(
        workflow=workflow,
        states=states,
        reasons=reasons,
        manifest=None if run is None else app.ledger.runs.get(run).id,
        due_after=app.now() if waiting else None,
        limit=limit,
        offset=offset,
    )


def outcomes(app: App, claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """The files as entries of a run's summary, with their delayed actions."""
    delayed = app.ledger.outbox.delayed([claim.id for claim in claims])
    return [file_outcome(claim, delayed.get(claim.id)) for claim in claims]


def shown(app: App, claim: Claim) -> dict[str, Any]:
    """A file as JSON values, with its receipts and replays, without the contents of cells."""
    receipts = app.ledger.claims.receipts([claim.id]).get(claim.id, {})
    (outcome,) = outcomes(app, [claim])
    return outcome | {
        "workflow": claim.workflow,
        "task": claim.task,
        "store": claim.source.store,
        "size": claim.source.size,
        "sha256": claim.sha256,
        "modified": time_text(claim.modified),
        "notes": list(claim.notes),
        "accepted": sorted(claim.accepted),
        "run": claim.run,
        "updated_at": time_text(claim.updated_at),
        "receipts": [
            {
                "task": task,
                "load_id": receipt.load,
                "destination": receipt.destination,
                "table": receipt.table,
                "committed_at": time_text(receipt.committed_at),
                **({"refused": receipt.refused} if receipt.refused else {}),
            }
            for task, receipt in receipts.items()
        ],
        "deliveries": [
            {"task": each.load_task, "destination": each.destination, "chunks": each.counts}
            for each in app.ledger.deliveries.of_file(claim.id)
        ],
        "replays": [
            {
                "replay": each.part,
                "state": each.state.value,
                "rows": each.rows,
                "asked_at": time_text(each.asked_at),
            }
            for each in app.ledger.replays.of_file(claim.id)
        ],
    }
