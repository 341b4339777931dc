"""Claims and manifests: which occurrences a run takes, and where each stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import NotFound
from bucketlift.ledger import tables
from bucketlift.ledger.bulk import insert_many, known_values, update_many
from bucketlift.ledger.database import Database, aware
from bucketlift.ledger.pinning import drop_replaced, put_claims, put_sources
from bucketlift.ledger.rows import CLAIM_COLUMNS, claim_of
from bucketlift.model.claim import SKIPPED_BY_CONDITION, Claim, ClaimId, ClaimReceipt, Member, Pinned, Tally
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import LoadId
from bucketlift.model.rows import Reject
from bucketlift.model.run import Lease, RunId

_claims, _manifests, _sources = tables.claims, tables.manifests, tables.source_objects
ATTENTION = (FileState.HELD, FileState.ACTION_HELD, FileState.ARCHIVED_TIER)


COMMITTED = [
    state.value for state in (FileState.COMMITTED, FileState.ACTING, FileState.DONE, FileState.ACTION_HELD)
]
BEGUN = [state.value for state in (FileState.CLAIMED, FileState.STAGED, FileState.LOADING)]


class Files:
    """Every occurrence that an extract task knows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- pinning a manifest ------------------------------------------------------------------------

    def unpin(self, run: RunId, lease: Lease, task: str | None = None, *, again: bool = False) -> None:
        """Forget a manifest that was not pinned to its end, or one task's part of it.

        With ``again``, only the members that were to be read again for a replace unit.
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
        """Name a page of objects in the ledger; each comes with its position and its batch."""
        pinned = [each for each, _, _ in page]
        with self._database.writing(lease) as connection:
            sources = put_sources(connection, pinned, now)
            drop_replaced(connection, [each.source for each in pinned if each.source.occurrence > 1], now)
            put_claims(
                connection,
                [(each, source) for each, source in zip(pinned, sources, strict=True) if not each.again],
                {"workflow": lease.workflow, "task": task, "run": run, "updated_at": now},
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
        """Say that the manifests of a run are complete.

        ``known`` counts the selected keys that were not taken, of the tasks whose listing was complete.
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
        """Members that are read again for a replace unit."""
        wanted = sa.select(sa.func.count()).where(
            _manifests.c.run == run, _manifests.c.task == task, _manifests.c.again
        )
        with self._database.reading() as connection:
            return connection.scalar(wanted) or 0

    def by_modified(self, run: RunId, task: str) -> list[tuple[ClaimId, int]]:
        """A manifest's claims and sizes, the longest unmodified first."""
        wanted = (
            sa.select(_manifests.c.claim, _sources.c.size)
            .join(_claims, _claims.c.id == _manifests.c.claim)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_manifests.c.run == run, _manifests.c.task == task)
            .order_by(_sources.c.modified, _sources.c.key)
        )
        with self._database.reading() as connection:
            return [(ClaimId(row.claim), row.size) for row in connection.execute(wanted)]

    def reorder(self, run: RunId, lease: Lease, task: str, order: Iterable[tuple[ClaimId, int, int]]) -> None:
        """Give each claim of a manifest its position and batch."""
        rows = [
            {"run": run, "task": task, "claim": claim, "position": position, "batch": batch}
            for claim, position, batch in order
        ]
        with self._database.writing(lease) as connection:
            update_many(connection, _manifests, ("run", "task", "claim"), rows)

    def batch(self, run: RunId, task: str, batch: int) -> list[Member]:
        """The members of one batch, in order."""
        return self._members(_manifests.c.batch == batch, run, task)

    def members(self, run: RunId, task: str) -> list[Member]:
        """All members of a manifest, in order: what a replace unit is made of."""
        return self._members(sa.true(), run, task)

    def holds_unit(self, workflow: str, task: str) -> bool:
        """Whether a file of the task is held for its own sake."""
        wanted = sa.select(sa.func.count()).where(
            _claims.c.workflow == workflow,
            _claims.c.task == task,
            _claims.c.state == FileState.HELD.value,
            _claims.c.reason != HeldReason.MEMBER_HELD.value,
        )
        with self._database.reading() as connection:
            return bool(connection.scalar(wanted))

    def _members(self, which: sa.ColumnElement[bool], run: RunId, task: str) -> list[Member]:
        wanted = (
            sa.select(*CLAIM_COLUMNS, _manifests.c.again, _manifests.c.staged)
            .join(_claims, _claims.c.id == _manifests.c.claim)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_manifests.c.run == run, _manifests.c.task == task, which)
            .order_by(_manifests.c.position)
        )
        with self._database.reading() as connection:
            return [
                Member(claim=claim_of(row), again=row.again, staged=row.staged)
                for row in connection.execute(wanted)
            ]

    # -- what became of them -----------------------------------------------------------------------

    def record(
        self,
        lease: Lease,
        changes: Sequence[tuple[ClaimId, Mapping[str, Any]]],
        *,
        now: datetime,
        rejects: Mapping[ClaimId, Sequence[Reject]] | None = None,
        staged: tuple[RunId, Collection[ClaimId]] | None = None,
    ) -> None:
        """Change many claims in one transaction, with their rejects and their place in the manifest."""
        with self._database.writing(lease) as connection:
            update_many(
                connection,
                _claims,
                ("id",),
                [{"id": claim, "updated_at": now, **values} for claim, values in changes],
            )
            _put_rejects(connection, rejects or {})
            if staged is not None:
                run, claims = staged
                rows = [{"run": run, "claim": claim, "staged": True} for claim in claims]
                update_many(connection, _manifests, ("run", "claim"), rows)

    def record_receipts(
        self,
        lease: Lease,
        run: RunId,
        receipts: Sequence[ClaimReceipt],
        choices: Mapping[ClaimId, Sequence[str]],
    ) -> None:
        """Keep what a destination committed, and fix the loads that each file goes to.

        A later load of the same file by the same task takes the former receipt's place.
        """
        with self._database.writing(lease) as connection:
            update_many(
                connection,
                _claims,
                ("id",),
                [{"id": claim, "choice": list(choice)} for claim, choice in choices.items()],
            )
            update_many(
                connection, _claims, ("id",), [{"id": each.claim, "suspicion": None} for each in receipts]
            )
            rows = [{**asdict(receipt), "run": run} for receipt in receipts]
            known = _known_receipts(connection, receipts)
            update_many(
                connection,
                tables.receipts,
                ("claim", "load_task"),
                [row for row in rows if (row["claim"], row["load_task"]) in known],
            )
            insert_many(
                connection,
                tables.receipts,
                [row for row in rows if (row["claim"], row["load_task"]) not in known],
            )

    def receipts(self, claims: Collection[ClaimId]) -> dict[ClaimId, dict[str, ClaimReceipt]]:
        """The receipts of these claims, per load task."""
        found: dict[ClaimId, dict[str, ClaimReceipt]] = {}
        wanted = sa.select(tables.receipts).where(tables.receipts.c.claim.in_(claims))
        with self._database.reading() as connection:
            for row in connection.execute(wanted):
                found.setdefault(ClaimId(row.claim), {})[row.load_task] = _receipt(row)
        return found

    # -- counting ----------------------------------------------------------------------------------

    def tally(self, run: RunId, task: str) -> list[Tally]:
        """A manifest's files, rows and bytes per state."""
        wanted = (
            sa.select(
                _claims.c.state,
                sa.func.count().label("files"),
                sa.func.coalesce(sa.func.sum(_claims.c.rows), 0).label("rows"),
                sa.func.coalesce(sa.func.sum(_claims.c.rejected), 0).label("rejected"),
                sa.func.coalesce(sa.func.sum(_sources.c.size), 0).label("bytes"),
            )
            .join(_manifests, _claims.c.id == _manifests.c.claim)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_manifests.c.run == run, _manifests.c.task == task)
            .group_by(_claims.c.state)
        )
        with self._database.reading() as connection:
            return [
                Tally(
                    state=FileState(row.state),
                    files=row.files,
                    rows=row.rows,
                    rejected=row.rejected,
                    bytes=row.bytes,
                )
                for row in connection.execute(wanted)
            ]

    def loaded_rows(self, run: RunId, load_task: str) -> dict[str, int]:
        """Rows that a load task inserted, updated and left unchanged in this run."""
        columns = [
            sa.func.coalesce(sa.func.sum(tables.receipts.c[name]), 0).label(name)
            for name in ("inserted", "updated", "unchanged")
        ]
        wanted = sa.select(*columns).where(
            tables.receipts.c.run == run, tables.receipts.c.load_task == load_task
        )
        with self._database.reading() as connection:
            return dict(connection.execute(wanted).mappings().one())

    def attention(self, workflow: str) -> int:
        """Files of a workflow that wait for a person now."""
        wanted = sa.select(sa.func.count()).where(
            _claims.c.workflow == workflow, _claims.c.state.in_([state.value for state in ATTENTION])
        )
        with self._database.reading() as connection:
            return connection.scalar(wanted) or 0

    def newly_held(self, run: RunId) -> int:
        """Files of a run's manifest that are held now, and files whose action it held."""
        manifest = sa.select(_manifests.c.claim).where(_manifests.c.run == run)
        held = sa.select(sa.func.count()).where(
            _claims.c.id.in_(manifest),
            _claims.c.state.in_([FileState.HELD.value, FileState.ARCHIVED_TIER.value]),
        )
        actions = sa.select(sa.func.count()).where(tables.outbox.c.held_by == run)
        with self._database.reading() as connection:
            return (connection.scalar(held) or 0) + (connection.scalar(actions) or 0)

    # -- looking -----------------------------------------------------------------------------------

    def find(
        self,
        *,
        workflow: str | None = None,
        states: Collection[FileState] = (),
        run: RunId | None = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> list[Claim]:
        """Claims in the order of their keys; of one run: its manifest and what was held earlier."""
        wanted = sa.select(*CLAIM_COLUMNS).join(_sources, _sources.c.id == _claims.c.source)
        if workflow is not None:
            wanted = wanted.where(_claims.c.workflow == workflow)
        if states:
            wanted = wanted.where(_claims.c.state.in_([state.value for state in states]))
        if run is not None:
            manifest = sa.select(_manifests.c.claim).where(_manifests.c.run == run)
            waiting = _claims.c.state.in_([state.value for state in ATTENTION])
            wanted = wanted.where(sa.or_(_claims.c.id.in_(manifest), waiting))
        ordered = wanted.order_by(
            _sources.c.bucket, _sources.c.key, _sources.c.occurrence, _claims.c.workflow, _claims.c.task
        )
        with self._database.reading() as connection:
            return [claim_of(row) for row in connection.execute(ordered.limit(limit).offset(offset))]

    def get(self, claim: str) -> Claim:
        wanted = (
            sa.select(*CLAIM_COLUMNS)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_claims.c.id == claim)
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(
                "There is no file of this id", to=claim, hint="`bucketlift files list` shows the ids."
            )
        return claim_of(row)

    def rejects(self, claim: ClaimId) -> list[Reject]:
        """The rejects kept: all of an accepted file, the first 1,000 of a held one."""
        wanted = sa.select(tables.rejects).where(tables.rejects.c.claim == claim)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(tables.rejects.c.position))
            return [
                Reject(line=row.line, offset=row.offset, raw=row.raw, reason=row.reason, field=row.field)
                for row in rows
            ]

    def through_elsewhere(self, claims: Collection[ClaimId]) -> dict[ClaimId, set[tuple[str, str]]]:
        """The tasks of other workflows, (workflow, task), that are through with the same occurrences.

        Committed, or skipped for good: what a condition skipped is still to come.
        """
        mine, other = _claims.alias("mine"), _claims.alias("other")
        skipped = sa.and_(other.c.state == FileState.SKIPPED.value, other.c.reason != SKIPPED_BY_CONDITION)
        wanted = (
            sa.select(mine.c.id, other.c.workflow, other.c.task)
            .join(other, sa.and_(mine.c.source == other.c.source, mine.c.workflow != other.c.workflow))
            .where(mine.c.id.in_(claims), sa.or_(other.c.state.in_(COMMITTED), skipped))
        )
        found: dict[ClaimId, set[tuple[str, str]]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(wanted):
                found.setdefault(ClaimId(row.id), set()).add((row.workflow, row.task))
        return found

    def release(self, run: RunId, lease: Lease, *, what: str, now: datetime) -> None:
        """Let the next run take what a run that broke off had begun with."""
        manifest = sa.select(_manifests.c.claim).where(_manifests.c.run == run, ~_manifests.c.again)
        with self._database.writing(lease) as connection:
            connection.execute(
                sa.update(_claims)
                .where(_claims.c.id.in_(manifest), _claims.c.state.in_(BEGUN))
                .values(
                    state=FileState.RETRYING.value,
                    reason="not-finished",
                    suspicion=None,
                    what=what,
                    hint="The next run takes it again.",
                    updated_at=now,
                )
            )

    def change(self, claim: ClaimId, was: FileState, *, now: datetime, **values: Any) -> bool:
        """A person's change of one file; False where it has moved on meanwhile."""
        with self._database.writing() as connection:
            changed = connection.execute(
                sa.update(_claims)
                .where(_claims.c.id == claim, _claims.c.state == was.value)
                .values(updated_at=now, **values)
            )
            return changed.rowcount == 1


def _put_rejects(connection: sa.Connection, found: Mapping[ClaimId, Sequence[Reject]]) -> None:
    """Let these be all rejects of these claims."""
    before = known_values(connection, tables.rejects.c.claim, list(found))
    connection.execute(sa.delete(tables.rejects).where(tables.rejects.c.claim.in_(before)))
    rows = [
        {
            "claim": claim,
            "position": position,
            "line": reject.line,
            "offset": reject.offset,
            "raw": reject.raw,
            "reason": reject.reason,
            "field": reject.field,
        }
        for claim, rejects in found.items()
        for position, reject in enumerate(rejects)
    ]
    insert_many(connection, tables.rejects, rows)


def _known_receipts(connection: sa.Connection, receipts: Sequence[ClaimReceipt]) -> set[tuple[str, str]]:
    stored = tables.receipts.c
    wanted = sa.select(stored.claim, stored.load_task).where(
        stored.claim.in_([receipt.claim for receipt in receipts])
    )
    return {(row.claim, row.load_task) for row in connection.execute(wanted)}


def _receipt(row: sa.Row[Any]) -> ClaimReceipt:
    committed_at = aware(row.committed_at)
    assert committed_at is not None  # noqa: S101 - the column is not nullable
    return ClaimReceipt(
        claim=ClaimId(row.claim),
        load_task=row.load_task,
        load=LoadId(row.load),
        destination=row.destination,
        table=row.table,
        inserted=row.inserted,
        updated=row.updated,
        unchanged=row.unchanged,
        committed_at=committed_at,
    )
