"""Manifests: the exact occurrences that each run takes, in their order and batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.claims.pinning import drop_replaced, put_sources
from bucketlift.ledger.claims.transitions import move_all, pin_claims
from bucketlift.ledger.db.bulk import insert_many, update_many
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, claim_of
from bucketlift.model.claim import ClaimId, Member, Pinned
from bucketlift.model.lifecycle import BEGUN, FileState
from bucketlift.model.run import Lease, RunId

_claims, _manifests, _sources = tables.claims, tables.manifests, tables.source_objects


class Manifests:
    """The manifests of all runs. A manifest is pinned once, so a run that is resumed finds it unchanged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unpin(self, run: RunId, lease: Lease, task: str | None = None, *, again: bool = False) -> None:
        """Remove a manifest whose pinning was interrupted, or the part of it that belongs to one task.

        With ``again``, remove only the entries that are read again for a replace unit.
        """
        members = _manifests.c.run == run
        if task is not None:
            members = sa.and_(members, _manifests.c.task == task)
        if again:
            members = sa.and_(members, _manifests.c.again)
        with self._database.writing(lease) as connection:
            connection.execute(sa.delete(_manifests).where(members))

    def pin(
        self,
        run: RunId,
        lease: Lease,
        task: str,
        page: Sequence[tuple[Pinned, int, int]],
        *,
        now: datetime,
    ) -> None:
        """Record a page of objects in a manifest. Each object comes with its position and its batch."""
        pinned = [each for each, _, _ in page]
        with self._database.writing(lease) as connection:
            sources = put_sources(connection, pinned, now)
            newer = [each.source for each in pinned if each.source.occurrence > 1 and each.source.etag]
            drop_replaced(connection, newer, now)
            pin_claims(
                connection,
                [(each, source) for each, source in zip(pinned, sources, strict=True) if not each.again],
                workflow=lease.workflow,
                task=task,
                run=run,
                now=now,
            )
            members = [
                {
                    "run": run,
                    "task": task,
                    "claim": each.claim,
                    "position": position,
                    "batch": batch,
                    "again": each.again,
                    "staged": False,
                }
                for each, position, batch in page
            ]
            insert_many(connection, _manifests, members)

    def seal(
        self, run: RunId, lease: Lease, batches: Mapping[str, int], known: Mapping[str, int], *, now: datetime
    ) -> None:
        """Record that the manifests of a run are complete.

        ``known``: for each task whose listing was complete, the number of selected keys that were not taken.
        """
        with self._database.writing(lease) as connection:
            for task in known:
                listed = sa.select(tables.listings.c.task).where(
                    tables.listings.c.workflow == lease.workflow, tables.listings.c.task == task
                )
                if connection.scalar(listed) is None:
                    connection.execute(
                        sa.insert(tables.listings).values(
                            workflow=lease.workflow, task=task, first_listed_at=now
                        )
                    )
            connection.execute(
                sa.update(tables.runs)
                .where(tables.runs.c.id == run)
                .values(manifest=dict(batches), known=dict(known))
            )

    def count_again(self, run: RunId, task: str) -> int:
        """The number of entries that are read again for a replace unit."""
        query = sa.select(sa.func.count()).where(
            _manifests.c.run == run, _manifests.c.task == task, _manifests.c.again
        )
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def by_modified(self, run: RunId, task: str) -> list[tuple[ClaimId, int]]:
        """The claims of a manifest and their sizes, least recently modified first."""
        query = (
            sa.select(_manifests.c.claim, _sources.c.size)
            .join(_claims, _claims.c.id == _manifests.c.claim)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_manifests.c.run == run, _manifests.c.task == task)
            .order_by(_sources.c.modified, _sources.c.key)
        )
        with self._database.reading() as connection:
            return [(ClaimId(row.claim), row.size) for row in connection.execute(query)]

    def reorder(self, run: RunId, lease: Lease, task: str, order: Iterable[tuple[ClaimId, int, int]]) -> None:
        """Give each claim of a manifest its position and batch."""
        rows = [
            {"run": run, "task": task, "claim": claim, "position": position, "batch": batch}
            for claim, position, batch in order
        ]
        with self._database.writing(lease) as connection:
            update_many(connection, _manifests, ("run", "task", "claim"), rows)

    def batch(self, run: RunId, task: str, batch: int) -> list[Member]:
        """The members of one batch, in the manifest's order."""
        return self._members(_manifests.c.batch == batch, run, task)

    def members(self, run: RunId, task: str) -> list[Member]:
        """All members of a manifest for one task, in order. A replace unit consists of these members."""
        return self._members(sa.true(), run, task)

    def _members(self, which: sa.ColumnElement[bool], run: RunId, task: str) -> list[Member]:
        query = (
            sa.select(*CLAIM_COLUMNS, _manifests.c.again, _manifests.c.staged)
            .join(_claims, _claims.c.id == _manifests.c.claim)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_manifests.c.run == run, _manifests.c.task == task, which)
            .order_by(_manifests.c.position)
        )
        with self._database.reading() as connection:
            return [
                Member(claim=claim_of(row), again=row.again, staged=row.staged)
                for row in connection.execute(query)
            ]

    def release(self, run: RunId, lease: Lease, *, what: str, now: datetime) -> None:
        """Release the claims that an interrupted run was processing, so that the next run takes them."""
        manifest = sa.select(_manifests.c.claim).where(_manifests.c.run == run, ~_manifests.c.again)
        with self._database.writing(lease) as connection:
            move_all(
                connection,
                _claims.c.id.in_(manifest),
                BEGUN,
                FileState.RETRYING,
                reason="not-finished",
                what=what,
                hint="The next run takes the file again.",
                now=now,
            )
