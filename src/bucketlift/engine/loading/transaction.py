"""Loads one unit: first the rows and their receipts, in one transaction of the destination; then the record
in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from bucketlift.engine.context.run_context import RunContext
from bucketlift.errors import DestinationRefused
from bucketlift.model.claim import Claim, ClaimReceipt
from bucketlift.model.load import LoadId, LoadUnit, Receipt
from bucketlift.model.rows import RowStream
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Loader
from bucketlift.tabular.transform.row_transforms import RowTransforms

if TYPE_CHECKING:
    from pyarrow import RecordBatch


class LoadNotOpened(Exception):
    """The transaction could not be opened. The cause is the destination or the target, not a file."""

    def __init__(self, why: DestinationRefused) -> None:
        super().__init__(str(why))
        self.why = why


def transact(
    context: RunContext, loader: Loader, task: LoadTask, files: Sequence[tuple[LoadId, Claim]]
) -> tuple[Receipt, ...]:
    """Write the files in their order and commit. In replace mode, all files have the same load ID."""
    loads = tuple(dict.fromkeys(name for name, _ in files))
    extract = context.extract(context.workflow.extract_of(task.source))
    transforms = RowTransforms.of(context.checks(extract))
    begun = False
    try:
        with (
            context.services.take_slot(task.destination, context.check_cancelled),
            loader.begin(LoadUnit(target=task.target, loads=loads)) as opened,
        ):
            begun = True
            for name, claim in files:
                context.check_cancelled()
                with (
                    context.services.spool.rows(claim.id) as rows,
                    context.track.file(claim, "loading", total=claim.rows) as track,
                ):
                    opened.write(name, transforms.stream(task.source, _counted(rows, track.update)))
            return opened.commit(context.check_lease_now)
    except DestinationRefused as error:
        if begun:
            raise
        raise LoadNotOpened(error) from error


def _counted(rows: RowStream, on_rows: Callable[[int], None]) -> RowStream:
    """The same rows; ``on_rows`` is called with the number of rows of each batch that is read."""

    def batches() -> Iterator[RecordBatch]:
        done = 0
        for batch in rows.batches:
            yield batch
            done += batch.num_rows
            on_rows(done)

    return RowStream(schema=rows.schema, batches=batches())


def keep_receipts(context: RunContext, task: LoadTask, found: Sequence[tuple[Claim, Receipt]]) -> None:
    """Record the destination's receipts in the ledger, and fix the load tasks for each file.

    If several files share a receipt, its counts are recorded with the first of them.
    """
    counted: set[LoadId] = set()
    receipts = []
    for claim, receipt in found:
        counts = receipt.load not in counted
        counted.add(receipt.load)
        receipts.append(
            ClaimReceipt(
                claim=claim.id,
                load_task=task.id,
                load=receipt.load,
                destination=task.destination,
                table=receipt.table,
                inserted=receipt.inserted if counts else 0,
                updated=receipt.updated if counts else 0,
                unchanged=receipt.unchanged if counts else 0,
                committed_at=receipt.committed_at,
            )
        )
    choices = {
        claim.id: [load.id for load in context.loads_of(claim)] for claim, _ in found if claim.choice is None
    }
    if receipts:
        context.ledger.claims.record_receipts(context.lease, context.run, receipts, choices)
        context.log(_summary(task, receipts), task=task.id)


def _summary(task: LoadTask, receipts: Sequence[ClaimReceipt]) -> str:
    rows = [
        f"{sum(getattr(each, word) for each in receipts):,} {word}"
        for word in ("inserted", "updated", "unchanged")
    ]
    return f"Committed to {task.destination}.{task.target.table}: files: {len(receipts):,}; rows: {', '.join(rows)}"
