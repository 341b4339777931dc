"""Shows the deliveries of files, and records what a person decides about chunks in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.ledger.claims.deliveries import FileDelivery
from bucketlift.model.claim import Claim
from bucketlift.model.delivery import Chunk, ChunkState
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import COMMITTED, FileState
from bucketlift.model.replay import ReplayState
from bucketlift.model.transition import Transition
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App, no_progress

_REASONS = frozenset({HeldReason.IN_DOUBT, HeldReason.DELIVERY_CHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The chunks that a person has decided about, and the file after the decision."""

    claim: Claim
    chunks: tuple[Chunk, ...]
    """The chunks in their state before the decision."""


def find(app: App, *, workflow: str | None = None, every: bool = False) -> list[FileDelivery]:
    """The deliveries with a chunk in doubt; with ``every``, all unfinished deliveries."""
    if every:
        return app.ledger.deliveries.unfinished(workflow=workflow)
    return app.ledger.deliveries.in_doubt(workflow=workflow)


def document(each: FileDelivery) -> dict[str, Any]:
    return {
        "file": each.claim.id,
        "workflow": each.claim.workflow,
        "key": each.claim.source.key,
        "state": each.claim.state.value,
        "task": each.load_task,
        "destination": each.destination,
        "chunks": each.counts,
    }


def chunks(app: App, file: str) -> list[Chunk]:
    """The recorded chunks of a file and of its replays.

    Raises:
        NotFound: there is no such file.
    """
    return app.ledger.deliveries.chunks(app.ledger.claims.get(file).id)


def chunk_document(chunk: Chunk) -> dict[str, Any]:
    return {
        "task": chunk.load_task,
        "replay": chunk.part or None,
        "chunk": chunk.number,
        "lines": [chunk.first_line, chunk.last_line],
        "rows": chunk.rows,
        "state": chunk.state.value,
        "refused": len(chunk.refused),
        "destination": chunk.destination,
        "name": chunk.name,
        "job": chunk.job,
        "key": chunk.key,
        "sent_at": time_text(chunk.sent_at),
        "confirmed_at": time_text(chunk.confirmed_at),
        "what": chunk.what,
    }


def doubtful(
    app: App, file: str, *, task: str | None = None, number: int | None = None, part: int | None = None
) -> list[Chunk]:
    """The chunks of a file and of its replays that wait for a person's decision.

    Raises:
        NotFound: there is no such file.
        RequestWrong: no such chunk is in doubt.
    """
    claim = app.ledger.claims.get(file)
    found = [
        chunk
        for chunk in app.ledger.deliveries.chunks(claim.id)
        if chunk.state is ChunkState.IN_DOUBT
        and task in (None, chunk.load_task)
        and number in (None, chunk.number)
        and part in (None, chunk.part)
    ]
    if not found:
        raise RequestWrong(
            "No such chunk of the file is in doubt",
            to=f"{claim.id} {claim.source}",
            hint=f"See its chunks: bucketlift deliveries show {claim.id}",
        )
    return found


def confirm(
    app: App, file: str, *, task: str | None = None, number: int | None = None, part: int | None = None
) -> Decided:
    """Record a person's decision that the destination has the chunks in doubt. They are not sent again.

    Raises:
        NotFound: there is no such file.
        RequestWrong: no such chunk is in doubt.
    """
    return _decide(app, file, doubtful(app, file, task=task, number=number, part=part), ChunkState.CONFIRMED)


def resend(
    app: App, file: str, *, task: str | None = None, number: int | None = None, part: int | None = None
) -> Decided:
    """Record a person's decision that the destination does not have the chunks in doubt. The next run sends
    them again.

    Raises:
        NotFound: there is no such file.
        RequestWrong: no such chunk is in doubt.
    """
    return _decide(app, file, doubtful(app, file, task=task, number=number, part=part), ChunkState.PLANNED)


def resend_all(app: App, file: str, *, task: str | None = None) -> Decided:
    """Make the next run send all rows of a file's unfinished deliveries, including the rows that were
    confirmed. The deliveries of unfinished replays are included.

    Raises:
        NotFound: there is no such file.
        RequestWrong: no delivery of the file is unfinished, the file is neither held nor retrying, or a run is in
            progress.
    """
    _require_unfinished(app, app.ledger.claims.get(file), task)
    with app.engine(no_progress) as engine, engine.holding(app.ledger.claims.get(file).workflow) as lease:
        # Read the chunks again: from here on, no run can send them.
        claim = app.ledger.claims.get(file)
        found = _require_unfinished(app, claim, task)
        parts = dict.fromkeys((chunk.load_task, chunk.part) for chunk in found)
        app.ledger.deliveries.forget(lease, claim, list(parts), _retried(claim), now=app.now())
    return Decided(claim=app.ledger.claims.get(file), chunks=tuple(found))


def _require_unfinished(app: App, claim: Claim, task: str | None) -> list[Chunk]:
    found = unfinished(app, claim, task)
    if not found:
        raise RequestWrong(
            "Nothing can be sent again: the file has no unfinished delivery, or is neither held nor retrying",
            to=f"{claim.id} {claim.source}",
            hint=f"See its chunks: bucketlift deliveries show {claim.id}",
        )
    return found


def unfinished(app: App, claim: Claim, task: str | None = None) -> list[Chunk]:
    """The chunks of the deliveries of a file that ``resend_all`` sends again."""
    ledger = app.ledger
    finished = {(name, 0) for name in ledger.claims.receipts([claim.id]).get(claim.id, {})}
    parts = {0} if claim.state in (FileState.HELD, FileState.RETRYING) else set[int]()
    for replay in ledger.replays.of_file(claim.id):
        if replay.state is ReplayState.BEGUN and claim.state in COMMITTED:
            parts.add(replay.part)
            finished |= {(name, replay.part) for name in ledger.replays.receipts(claim.id, replay.part)}
    return [
        chunk
        for chunk in ledger.deliveries.chunks(claim.id)
        if chunk.part in parts
        and (chunk.load_task, chunk.part) not in finished
        and task in (None, chunk.load_task)
    ]


def _decide(app: App, file: str, found: Sequence[Chunk], state: ChunkState) -> Decided:
    claim = app.ledger.claims.get(file)
    app.ledger.deliveries.decide(claim, found, state, _retried(claim), now=app.now())
    return Decided(claim=app.ledger.claims.get(file), chunks=tuple(found))


def _retried(claim: Claim) -> Transition | None:
    """The transition that makes the next run take the file again; None if the file is not held because of its
    delivery.
    """
    if claim.state is not FileState.HELD or claim.reason not in _REASONS:
        return None
    return Transition(
        claim=claim.id,
        was=claim.state,
        to=FileState.RETRYING,
        reason="retry",
        what="A user decided about its delivery",
    )
