"""Delivers the rows of one file, or of one replay, by one load task."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.delivering.chunks import Sender, in_doubt
from bucketlift.errors import DestinationRefused, NameTaken, NeedsPerson
from bucketlift.model.claim import Claim, ClaimReceipt
from bucketlift.model.delivery import (
    Chunk,
    ChunkState,
    Content,
    DeliveredFile,
    Promise,
    RefusedByDestination,
    idempotency_key,
)
from bucketlift.model.hold import HeldReason
from bucketlift.model.load import LoadId, load_id
from bucketlift.model.rows import RowStream
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Delivery


class DeliveryChanged(DestinationRefused):
    """Chunks of the file were sent already, and the load would now send other contents."""

    reason = HeldReason.DELIVERY_CHANGED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The result of a delivery of which all chunks are confirmed."""

    receipt: ClaimReceipt
    refused: tuple[RefusedByDestination, ...]


def delivered_file(context: RunContext, task: LoadTask, claim: Claim, part: int = 0) -> DeliveredFile:
    slug = context.task_slug(task.id)
    return DeliveredFile(
        load=load_id(context.slug, slug, task.target.table, claim.source, part),
        claim=claim.id,
        load_task=task.id,
        key=claim.source.key,
        found_on=context.ledger.deliveries.found_on(claim.id),
        part=part,
    )


def deliver(
    context: RunContext, task: LoadTask, delivery: Delivery, file: DeliveredFile, rows: RowStream
) -> Delivered:
    """Send all chunks that are not confirmed yet, in order.

    Raises:
        InDoubt: a person must find out whether the destination has a chunk. Later chunks are not sent.
        DeliveryChanged: the load would now send other contents than the confirmed chunks.
        NeedsPerson: the ledger was restored from a backup, so rows might be sent twice.
        Unconfirmed, DestinationBusy, AccessRefused, NotFound, DestinationRefused: as in ``Sender.confirmed``.
    """
    _refuse_after_restore(context, task, delivery)
    known = {
        chunk.number: chunk for chunk in context.ledger.deliveries.chunks(file.claim, task.id, file.part)
    }
    sender = Sender(context=context, task=task, delivery=delivery)
    done: list[Chunk] = []
    with _folder(context) as folder:
        for number, content in enumerate(delivery.contents(task.target, file, rows, folder), 1):
            context.check_cancelled()
            context.check_leaving()
            chunk = _matching(known.pop(number, None), _planned(task, file, number, content), task, delivery)
            _require_free_name(context, chunk)
            done.append(chunk if chunk.state is ChunkState.CONFIRMED else sender.confirmed(chunk, content))
    if any(chunk.state is not ChunkState.PLANNED for chunk in known.values()):
        raise _changed(next(iter(known.values())))
    return Delivered(
        receipt=_receipt(context, task, file, done),
        refused=tuple(each for chunk in done for each in chunk.refused),
    )


def _refuse_after_restore(context: RunContext, task: LoadTask, delivery: Delivery) -> None:
    """If a repeat may take effect twice, refuse to send rows that may have been sent before the ledger was
    restored from a backup.
    """
    if delivery.promise(task.target) is not Promise.AT_LEAST_ONCE:
        return
    pause = context.ledger.pauses.paused()
    if pause is not None:
        raise NeedsPerson(
            f"{pause.what}: the rows may have been delivered since then, and a repeat may take effect twice",
            to=task.destination,
            hint="Ignore the files that the destination has (`bucketlift files ignore`), then resume: "
            "`bucketlift db confirm`.",
        )


@contextmanager
def _folder(context: RunContext) -> Iterator[Path]:
    folder = context.services.spool.scratch()
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_free_name(context: RunContext, chunk: Chunk) -> None:
    """Refuse a name that the load gave to another file, before anything is sent."""
    if chunk.name is None or chunk.state is not ChunkState.PLANNED:
        return
    other = context.ledger.deliveries.file_of_name(chunk.destination, chunk.name, but=chunk.claim)
    if other is not None:
        raise NameTaken(
            f"The load gave the name {chunk.name} to another file already: {other}",
            to=chunk.load_task,
            hint="Add {load} to the load's `name`, which is different for each file, and retry the file.",
        )


def _planned(task: LoadTask, file: DeliveredFile, number: int, content: Content) -> Chunk:
    return Chunk(
        claim=file.claim,
        load_task=task.id,
        part=file.part,
        number=number,
        load=file.load,
        destination=task.destination,
        first_line=content.first_line,
        last_line=content.last_line,
        rows=content.rows,
        sha256=content.sha256,
        key=idempotency_key(file.load, number, content.sha256),
        state=ChunkState.PLANNED,
        name=content.name,
        token=secrets.token_hex(8),
    )


def _matching(known: Chunk | None, planned: Chunk, task: LoadTask, delivery: Delivery) -> Chunk:
    """The recorded chunk, or the planned one if this chunk was never sent.

    Raises:
        DeliveryChanged: the recorded chunk has another content or destination than the planned one.
        InDoubt: the recorded chunk waits for a person.
    """
    if known is None or known.state is ChunkState.PLANNED:
        is_same = known is not None and known.sha256 == planned.sha256
        return replace(planned, token=known.token or planned.token) if known and is_same else planned
    if known.sha256 != planned.sha256 or known.destination != planned.destination:
        raise _changed(known)
    if known.state is ChunkState.IN_DOUBT:
        raise in_doubt(delivery, task.target, known)
    return known


def _changed(chunk: Chunk) -> DeliveryChanged:
    return DeliveryChanged(
        f"Chunk {chunk.number} of the file was sent to {chunk.destination}, and the load would now send other contents",
        to=chunk.load_task,
        hint="Were the fields, a transform, the batch or the destination changed meanwhile? Change them back and retry "
        f"the file; or send all its rows again, also those that are there: `bucketlift deliveries resend {chunk.claim} --all`.",
    )


def _receipt(context: RunContext, task: LoadTask, file: DeliveredFile, done: list[Chunk]) -> ClaimReceipt:
    return ClaimReceipt(
        claim=file.claim,
        load_task=task.id,
        load=LoadId(file.load),
        destination=task.destination,
        table=task.target.table,
        inserted=sum(chunk.counts.inserted for chunk in done),
        updated=sum(chunk.counts.updated for chunk in done),
        unchanged=sum(chunk.counts.unchanged for chunk in done),
        refused=sum(len(chunk.refused) for chunk in done),
        committed_at=context.now(),
    )
