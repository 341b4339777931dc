"""Unloads: the ledger's record of loads that are removed from their destinations at a person's request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import ActionState
from bucketlift.ledger.claims.replays import forget
from bucketlift.ledger.claims.transitions import move_claims
from bucketlift.ledger.db.bulk import chunks
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.rows import receipt_of
from bucketlift.model.claim import Claim, ClaimId, Loaded
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.run import Lease
from bucketlift.model.transition import Transition

_claims, _outbox, _receipts, _runs = tables.claims, tables.outbox, tables.receipts, tables.runs


class Unloads:
    """The steps of an unload.

    First the ledger records that rows are being removed. Then the rows are removed. Then the ledger removes
    their receipts. Each step can be repeated. Until the last step is done, the file is held, and no action is
    executed on its object.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def loads(self, claims: Collection[ClaimId]) -> dict[ClaimId, list[Loaded]]:
        """The receipts of these claims and of their replays, each with the version of the workflow that wrote it."""
        found: dict[ClaimId, list[Loaded]] = {}
        with self._database.reading() as connection:
            for some in chunks(claims):
                for table in (_receipts, tables.replay_receipts):
                    for row in connection.execute(_versioned(table, some)):
                        loaded = Loaded(receipt=receipt_of(row), version=row.version)
                        found.setdefault(ClaimId(row.claim), []).append(loaded)
        return found

    def begin(self, lease: Lease, claims: Sequence[Claim], *, now: datetime) -> None:
        """Hold these files, and drop the pending actions on their objects. Either all files are held or none.

        Raises:
            RequestWrong: a delete was sent, or a file has changed since it was read.
        """
        ids = [claim.id for claim in claims]
        transitions = [
            Transition(
                claim=claim.id,
                was=claim.state,
                to=FileState.HELD,
                reason=HeldReason.UNLOADING.value,
                what="The rows of the file are being removed from their tables",
                hint="If no such command is running, it was interrupted: repeat `bucketlift files unload`.",
            )
            for claim in claims
        ]
        with self._database.writing(lease) as connection:
            _refuse_sent(connection, ids)
            moved = move_claims(connection, transitions, now=now)
            for claim in claims:
                if claim.id not in moved:
                    raise RequestWrong(
                        "The file has changed in the meantime",
                        to=f"{claim.id} {claim.source}",
                        hint="See the state of the file with `bucketlift files show`.",
                    )
            for some in chunks(ids):
                connection.execute(
                    sa.update(_outbox)
                    .where(_outbox.c.claim.in_(some), _outbox.c.state != ActionState.DONE.value)
                    .values(state=ActionState.DROPPED.value, note="unloaded", updated_at=now)
                )

    def finish_task(self, lease: Lease, claim: ClaimId, task: str) -> None:
        """Record that the rows that one load task loaded from a file are removed.

        The file keeps its state, and this task does not load it again.
        """
        with self._database.writing(lease) as connection:
            for receipts in (_receipts, tables.replay_receipts):
                mine = sa.and_(receipts.c.claim == claim, receipts.c.load_task == task)
                connection.execute(sa.delete(receipts).where(mine))

    def finish(self, lease: Lease, claim: ClaimId, *, now: datetime) -> None:
        """Record that the rows of a file are removed from all tables.

        The file is then held as if it had never been loaded.
        """
        with self._database.writing(lease) as connection:
            connection.execute(sa.delete(_receipts).where(_receipts.c.claim == claim))
            forget(connection, claim)
            connection.execute(
                sa.update(_claims).where(_claims.c.id == claim).values(choice=sa.null(), loaded_at=None)
            )
            # If newer bytes arrived under the key in between, the claim is superseded, and is not changed.
            waits = sa.and_(_claims.c.id == claim, _claims.c.reason == HeldReason.UNLOADING.value)
            connection.execute(
                sa.update(_claims)
                .where(waits)
                .values(
                    reason=HeldReason.UNLOADED.value,
                    what="A person removed the rows of the file from their tables",
                    hint="`bucketlift files reload` loads the file again; `bucketlift files ignore` leaves it in the bucket permanently.",
                    updated_at=now,
                )
            )


def _versioned(receipts: sa.Table, claims: Collection[ClaimId]) -> sa.Select[Any]:
    return (
        sa.select(receipts, _runs.c.version)
        .join(_runs, _runs.c.id == receipts.c.run)
        .where(receipts.c.claim.in_(claims))
        .order_by(*receipts.primary_key.columns)
    )


def _refuse_sent(connection: sa.Connection, claims: Sequence[ClaimId]) -> None:
    for some in chunks(claims):
        sent = connection.scalar(
            sa.select(_outbox.c.claim).where(
                _outbox.c.claim.in_(some), _outbox.c.state == ActionState.SENT.value
            )
        )
        if sent is not None:
            raise RequestWrong(
                "A delete of the object was sent, and the store's answer is not known yet",
                to=str(sent),
                hint="Run the workflow: the run finds out whether the object was deleted. Then unload the file.",
            )
