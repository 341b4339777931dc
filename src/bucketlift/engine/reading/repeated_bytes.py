"""Recognises bytes that were loaded before, when their ETag does not show it.

The ETag of a file in a folder is its time and inode, and the ETag of a multipart object depends on its parts.
"""

from __future__ import annotations

from datetime import datetime

from bucketlift.engine.context.run_context import RunContext
from bucketlift.model.claim import Claim
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.workflow import ExtractTask, Repeats
from bucketlift.rules.take import repeats_of


def loaded_before(context: RunContext, task: ExtractTask, claim: Claim, sha256: str) -> datetime | None:
    """The time at which the same bytes under the same key were loaded before. None if they were not loaded
    before, or if the task may load them again.

    The result is also None if a person accepted the file.
    """
    is_first = claim.source.occurrence == 1 or claim.state is not FileState.CLAIMED
    if is_first or HeldReason.REPEATED_BYTES in claim.accepted:
        return None
    if repeats_of(context.workflow, task) is Repeats.LOAD:
        return None
    return context.ledger.survey.loaded_bytes(claim, sha256)
