"""Checks whether the mended rejects of a file can be loaded, and finds the load tasks for this."""

from __future__ import annotations

from collections.abc import Collection

from bucketlift.errors import RequestWrong
from bucketlift.model.claim import Claim, ClaimReceipt
from bucketlift.model.load import WriteMode
from bucketlift.model.workflow import LoadTask, Workflow
from bucketlift.rules.directory.load_order import in_load_order


def loads_to_replay(
    workflow: Workflow, claim: Claim, receipts: Collection[ClaimReceipt]
) -> tuple[LoadTask, ...]:
    """The loads by which the mended rejects are loaded: those that loaded the file, or, if the file is not
    loaded yet, all loads of its extract task.

    Raises:
        RequestWrong: one of these loads was removed, has another target now, or replaces its table.
    """
    to = f"{claim.id} {claim.source}"
    loads = workflow.loads_from(claim.task)
    known = {(load.id, load.destination, load.target.table) for load in loads}
    for each in receipts:
        if (each.load_task, each.destination, each.table) not in known:
            raise RequestWrong(
                f"The file was loaded into {each.destination}.{each.table} by {each.load_task}, but the workflow no longer has this load",
                to=to,
                hint="Restore the load task, or load a corrected file.",
            )
    mine = {each.load_task for each in receipts}
    chosen = tuple(load for load in loads if load.id in mine) if receipts else loads
    for load in chosen:
        if load.target.mode is WriteMode.REPLACE:
            raise RequestWrong(
                f"{load.id} replaces its table with whole files, so single rows cannot be added",
                to=to,
                hint="Put a corrected file into the bucket: the next run replaces the table with it.",
            )
    return in_load_order(chosen)
