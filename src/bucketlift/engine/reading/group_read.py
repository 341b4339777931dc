"""Reads the files of a group.

Small files are read together, in memory; each larger file is read separately.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pyarrow import ArrowException

from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext, map_concurrent
from bucketlift.engine.context.spool import whole
from bucketlift.engine.reading.read_file import (
    Outcome,
    content_of,
    outcome_of,
    read,
    read_fetched,
    refused_unread,
    staged,
)
from bucketlift.engine.reading.repeated_bytes import loaded_before
from bucketlift.model.claim import Claim, Member
from bucketlift.model.packing import Compression
from bucketlift.model.workflow import ExtractTask
from bucketlift.ports import ObjectStore
from bucketlift.rules.take import fingerprint
from bucketlift.tabular.read.batch_read import BatchReader, Ordinary
from bucketlift.tabular.transform.row_transforms import RowTransforms

SMALL = 1 << 17
"""Maximum bytes of a small file. Up to this size, the fixed cost of a file is greater than the cost of its
rows.

A group of small files is one block.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The bytes of a small object that was fetched into memory."""

    body: bytes


def read_group(
    context: RunContext, task: ExtractTask, store: ObjectStore, members: Sequence[Member]
) -> list[tuple[Member, Outcome]]:
    """Read these files. Each file has the same outcome as if it were read alone."""
    together = _is_plain(task) and not context.checks(task).have_demands and BatchReader.suits(task.contract)

    def begun(member: Member) -> Outcome | Fetched:
        context.check_cancelled()
        claim = member.claim
        if together and 0 < claim.source.size <= SMALL and not claim.accepted:
            return outcome_of(claim, lambda: _fetched(context, task, store, claim))
        return read(context, task, store, claim)

    found = map_concurrent(begun, members)
    bodies = [(member, each.body) for member, each in found if isinstance(each, Fetched)]
    ended = [(member, each) for member, each in found if isinstance(each, Outcome)]
    return ended + _read_together(context, task, bodies)


def _is_plain(task: ExtractTask) -> bool:
    return task.pgp is None and task.compression in (Compression.AUTO, Compression.NONE)


def _fetched(context: RunContext, task: ExtractTask, store: ObjectStore, claim: Claim) -> Outcome | Fetched:
    refusal = refused_unread(task, claim)
    if refusal is not None:
        return refusal

    def fetched() -> bytes:
        with store.open(claim.source) as body:
            return whole(body, claim.source.size)

    with context.track.file(claim, "fetching", total=claim.source.size):
        return Fetched(body=retry_transient(fetched))


def _read_together(
    context: RunContext, task: ExtractTask, bodies: Sequence[tuple[Member, bytes]]
) -> list[tuple[Member, Outcome]]:
    read = BatchReader(task.contract).read([body for _, body in bodies])
    checks = context.checks(task)
    judged_by, transforms = fingerprint(task, checks), RowTransforms.of(checks)
    alone, ended = [], []

    def repeated(claim: Claim, body: bytes) -> bool:
        """Whether the bytes of the file were loaded before. The first occurrence of a key needs no hash and
        no query to the ledger.
        """
        if claim.source.occurrence == 1:
            return False
        return loaded_before(context, task, claim, hashlib.sha256(body).hexdigest()) is not None

    for (member, body), ordinary in zip(bodies, read, strict=True):
        packed = ordinary is not None and context.services.codecs.looks_packed(body, task)
        if ordinary is None or packed or not _passes(transforms, ordinary) or repeated(member.claim, body):
            alone.append((member, body))
        else:
            ended.append((member, _kept(context, task, member.claim, body, ordinary, judged_by)))
    by_itself = map_concurrent(lambda each: read_fetched(context, task, each[0].claim, each[1]), alone)
    return ended + [(member, outcome) for (member, _), outcome in by_itself]


def _passes(transforms: RowTransforms, ordinary: Ordinary) -> bool:
    """Whether the transforms accept every row.

    After an error the result is False: the file is then read alone, so that the error counts only for this
    file.
    """
    try:
        return not transforms.rejects_any(ordinary.rows)
    except ArrowException:
        return False


def _kept(
    context: RunContext, task: ExtractTask, claim: Claim, body: bytes, ordinary: Ordinary, judged_by: str
) -> Outcome:
    def kept() -> Outcome:
        context.services.spool.keep(claim.id, ordinary.rows)
        content = content_of(task.contract, ordinary.reading, hashlib.sha256(body).hexdigest(), judged_by)
        return staged(claim, content)

    return outcome_of(claim, kept)
