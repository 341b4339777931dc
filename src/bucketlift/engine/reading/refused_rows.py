"""Finds the rows of a file that a directory has refused, so that they are rejects again when the file is read
again.
"""

from __future__ import annotations

from functools import partial

from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext
from bucketlift.model.claim import Claim
from bucketlift.model.directory.targets import ContactsTarget, is_for_platform
from bucketlift.model.load import load_ids
from bucketlift.model.rows import RefusedRow, RejectReason


def refused_rows(context: RunContext, claim: Claim) -> dict[int, RefusedRow]:
    """The rows of a file that are already refused, by line.

    These are the rows that were refused in this run. If there are none and a load has committed the file,
    they are the rows in the ledger, because other loads of the file must not load these rows, and because
    another worker may have recorded them. Before the first commit there are none: the file is
    compared with the contacts as they are now.
    """
    found = context.refused.get(claim.id, {})
    if found or not _is_committed(context, claim):
        return found
    rejects = context.ledger.claims.each_reject(claim.id)
    return {
        each.line: RefusedRow(line=each.line, reason=RejectReason.AMBIGUOUS, field=each.field or "")
        for each in rejects
        if each.reason == RejectReason.AMBIGUOUS
    }


def _is_committed(context: RunContext, claim: Claim) -> bool:
    """Whether a directory has committed the file.

    The destination is read too, because a worker may have died before it recorded the receipt.
    """
    loads = [
        load
        for load in context.workflow.loads_from(claim.task)
        if isinstance(load.target, ContactsTarget) and not is_for_platform(load.target)
    ]
    if not loads or not claim.load_begun:
        return False
    if context.ledger.claims.receipts([claim.id]):
        return True
    for load in loads:
        loader = context.services.connections.loader(load.destination)
        names = load_ids(context.slug, context.task_slug(load.id), load.target.table, claim.source)
        if retry_transient(partial(loader.receipts, names)):
            return True
    return False
