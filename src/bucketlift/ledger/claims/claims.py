"""Claims: the state of each occurrence for each extract task, with its receipts and its rejects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import NotFound
from bucketlift.ledger import tables
from bucketlift.ledger.claims.transitions import current_states, move_claims
from bucketlift.ledger.db.bulk import chunks, insert_many, known_values, update_many
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, claim_of, receipt_of, stored
from bucketlift.model.claim import SKIPPED_BY_CONDITION, Claim, ClaimId, ClaimReceipt
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import ATTENTION, BEGUN, COMMITTED, FileState
from bucketlift.model.load import LoadId
from bucketlift.model.rows import Reject
from bucketlift.model.run import Lease, RunId
from bucketlift.model.transition import Attempt, Explanation, Transition

REJECTS_AT_ONCE = 100

_RECEIPT = [each.name for each in fields(ClaimReceipt)]
_claims, _manifests, _sources = tables.claims, tables.manifests, tables.source_objects


class Claims:
    """The claims of all extract tasks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        lease: Lease,
        transitions: Sequence[Transition],
        *,
        now: datetime,
        rejects: Mapping[ClaimId, Iterable[Reject]] | None = None,
        staged: tuple[RunId, Collection[ClaimId]] | None = None,
    ) -> frozenset[ClaimId]:
        """Change the states of many claims in one transaction, and store their rejects.

        ``staged``: a run, and the members of its manifest to record as staged. A claim whose state has
        changed since it was read is skipped, because a person has changed it. Returns the IDs of the changed
        claims.

        Raises:
            IllegalMove: the lifecycle has no transition from a claim's state to the new one; nothing is
            written.
        """
        with self._database.writing(lease) as connection:
            moved = move_claims(connection, transitions, now=now)
            left_alone = {each.claim for each in transitions} - moved
            _put_rejects(
                connection,
                {claim: found for claim, found in (rejects or {}).items() if claim not in left_alone},
            )
            if staged is not None:
                run, claims = staged
                rows = [
                    {"run": run, "claim": claim, "staged": True}
                    for claim in claims
                    if claim not in left_alone
                ]
                update_many(connection, _manifests, ("run", "claim"), rows)
        return moved

    def begin(self, lease: Lease, attempts: Sequence[Attempt], *, now: datetime) -> frozenset[ClaimId]:
        """Record that claims are in progress.

        Returns the IDs of the claims whose state has not changed since they were read.
        """
        with self._database.writing(lease) as connection:
            states = current_states(connection, [each.claim.id for each in attempts])
            begun = [each for each in attempts if states.get(each.claim.id) is each.claim.state]
            rows = [
                {
                    "id": each.claim.id,
                    "suspicion": each.suspicion.value,
                    "deaths": each.deaths,
                    "load_begun": each.load or each.claim.load_begun,
                    "updated_at": now,
                }
                for each in begun
            ]
            update_many(connection, _claims, ("id",), rows)
            fixed = {each.claim.id: each.choice for each in begun if each.choice is not None}
            _fix_choices(connection, fixed)
        return frozenset(each.claim.id for each in begun)

    def trust(self, lease: Lease, claims: Collection[ClaimId]) -> None:
        """Record that a worker ended its work on these claims without a result, and did not die."""
        with self._database.writing(lease) as connection:
            _trust(connection, claims)

    def fix_choices(self, lease: Lease, choices: Mapping[ClaimId, Sequence[str]]) -> None:
        """Record which load tasks load each file. Call this before the first row is sent to a destination."""
        with self._database.writing(lease) as connection:
            _fix_choices(connection, choices)

    def free_choices(self, lease: Lease, run: RunId, chosen: Collection[str]) -> None:
        """Let a run choose the load tasks anew for files of which no load is finished.

        A file keeps its load tasks if one of them is not in ``chosen``: its rows may be in the destination, and the
        run would load them a second time with another task. If that task was removed from the workflow, a person
        can accept the file without it.
        """
        members = _members(run).where(_manifests.c.again.is_(False))
        unfinished = ~sa.exists().where(tables.receipts.c.claim == _claims.c.id)
        query = sa.select(_claims.c.id, _claims.c.choice, _claims.c.accepted).where(
            _claims.c.id.in_(members),
            _claims.c.choice.is_not(None),
            _claims.c.state.in_(stored(BEGUN)),
            unfinished,
        )
        with self._database.writing(lease) as connection:
            free = [
                row.id
                for row in connection.execute(query)
                if HeldReason.LOADER_REMOVED in (row.accepted or ()) or set(row.choice or ()) <= set(chosen)
            ]
            for some in chunks(free):
                connection.execute(sa.update(_claims).where(_claims.c.id.in_(some)).values(choice=sa.null()))

    def explain(self, lease: Lease, explanations: Sequence[Explanation], *, now: datetime) -> None:
        """Change the texts of claims. A claim whose state has changed since it was read is skipped."""
        with self._database.writing(lease) as connection:
            states = current_states(connection, [each.claim.id for each in explanations])
            rows = [
                {"id": each.claim.id, "what": each.what, "hint": each.hint, "updated_at": now}
                for each in explanations
                if states.get(each.claim.id) is each.claim.state
            ]
            update_many(connection, _claims, ("id",), rows)

    def record_receipts(
        self,
        lease: Lease,
        run: RunId,
        receipts: Sequence[ClaimReceipt],
        choices: Mapping[ClaimId, Sequence[str]],
    ) -> None:
        """Record the receipts of a destination, and fix which load tasks load each file.

        If the same task loads a file again, the new receipt replaces the former one.
        """
        with self._database.writing(lease) as connection:
            _fix_choices(connection, choices)
            _trust(connection, {each.claim for each in receipts})
            rows = [
                {name: getattr(receipt, name) for name in _RECEIPT} | {"run": run} for receipt in receipts
            ]
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
        """The receipts of these claims, by claim and load task."""
        found: dict[ClaimId, dict[str, ClaimReceipt]] = {}
        with self._database.reading() as connection:
            for some in chunks(claims):
                query = sa.select(tables.receipts).where(tables.receipts.c.claim.in_(some))
                for row in connection.execute(query):
                    found.setdefault(ClaimId(row.claim), {})[row.load_task] = receipt_of(row)
        return found

    def days(self, claims: Collection[ClaimId]) -> dict[ClaimId, date]:
        """For each of these claims, the UTC day on which a run first took the file."""
        taken_at = sa.func.min(sa.func.coalesce(tables.runs.c.started_at, tables.runs.c.asked_at))
        joined = _manifests.join(tables.runs, tables.runs.c.id == _manifests.c.run)
        found: dict[ClaimId, date] = {}
        with self._database.reading() as connection:
            for some in chunks(claims):
                query = sa.select(_manifests.c.claim, sa.type_coerce(taken_at, tables.runs.c.asked_at.type))
                query = query.select_from(joined).where(_manifests.c.claim.in_(some))
                for claim, moment in connection.execute(query.group_by(_manifests.c.claim)):
                    found[ClaimId(claim)] = moment.astimezone(UTC).date()
        return found

    def of_loads(self, loads: Collection[LoadId]) -> dict[LoadId, Claim]:
        """For each of these loads, the file that it loaded. Includes replays of the file's rejects."""
        found: dict[LoadId, Claim] = {}
        with self._database.reading() as connection:
            for some in chunks(loads):
                for receipts in (tables.receipts, tables.replay_receipts):
                    query = (
                        sa.select(*CLAIM_COLUMNS, receipts.c.load)
                        .join(_sources, _sources.c.id == _claims.c.source)
                        .join(receipts, receipts.c.claim == _claims.c.id)
                        .where(receipts.c.load.in_(some))
                    )
                    found |= {LoadId(row.load): claim_of(row) for row in connection.execute(query)}
        return found

    def blocks_unit(self, workflow: str, task: str) -> bool:
        """Whether a file blocks a replace unit of the task.

        A file blocks the unit if it is in an archive tier, or if it is held. A file that is held only because
        another file blocks the unit does not count.
        """
        query = sa.select(sa.func.count()).where(
            _claims.c.workflow == workflow,
            _claims.c.task == task,
            _claims.c.state.in_(stored((FileState.HELD, FileState.ARCHIVED_TIER))),
            _claims.c.reason != HeldReason.MEMBER_HELD.value,
        )
        with self._database.reading() as connection:
            return bool(connection.scalar(query))

    def find(
        self,
        *,
        workflow: str | None = None,
        states: Collection[FileState] = (),
        reasons: Collection[str] = (),
        run: RunId | None = None,
        manifest: RunId | None = None,
        due_after: datetime | None = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> list[Claim]:
        """The matching claims, in the order of their keys.

        ``run``: claims in the run's manifest, and claims that were held before the run. ``manifest``: only
        claims in the run's manifest. ``due_after``: claims whose action is due after that time.
        """
        query = sa.select(*CLAIM_COLUMNS).join(_sources, _sources.c.id == _claims.c.source)
        if workflow is not None:
            query = query.where(_claims.c.workflow == workflow)
        if states:
            query = query.where(_claims.c.state.in_(stored(states)))
        if reasons:
            query = query.where(_claims.c.reason.in_(list(reasons)))
        if run is not None:
            waiting = _claims.c.state.in_(stored(ATTENTION))
            query = query.where(sa.or_(_claims.c.id.in_(_members(run)), waiting))
        if manifest is not None:
            query = query.where(_claims.c.id.in_(_members(manifest)))
        if due_after is not None:
            query = query.where(_claims.c.id.in_(_due(due_after)))
        ordered = query.order_by(
            _sources.c.bucket, _sources.c.key, _sources.c.occurrence, _claims.c.workflow, _claims.c.task
        )
        with self._database.reading() as connection:
            return [claim_of(row) for row in connection.execute(ordered.limit(limit).offset(offset))]

    def get(self, claim: str) -> Claim:
        query = (
            sa.select(*CLAIM_COLUMNS)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_claims.c.id == claim)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(
                "There is no file with this ID", to=claim, hint="`bucketlift files list` shows the IDs."
            )
        return claim_of(row)

    def rejects(self, claim: ClaimId) -> list[Reject]:
        """The recorded rejects of a file: all rejects of an accepted file, but only the first 1,000 of a held
        file.
        """
        return list(self.each_reject(claim))

    def some_rejects(self, claim: ClaimId, *, limit: int, offset: int = 0) -> list[Reject]:
        """A page of the recorded rejects, without the first ``offset`` ones."""
        rejects = tables.rejects.c
        query = sa.select(tables.rejects).where(rejects.claim == claim).offset(offset)
        with self._database.reading() as connection:
            return [_reject(row) for row in connection.execute(query.order_by(rejects.position).limit(limit))]

    def each_reject(self, claim: ClaimId) -> Iterator[Reject]:
        """Yield the recorded rejects; only one page at a time is in memory."""
        rejects, after = tables.rejects.c, -1
        query = sa.select(tables.rejects).where(rejects.claim == claim).order_by(rejects.position)
        while True:
            with self._database.reading() as connection:
                page = connection.execute(query.where(rejects.position > after).limit(REJECTS_AT_ONCE)).all()
            if not page:
                return
            for row in page:
                yield _reject(row)
            after = page[-1].position

    def finished_elsewhere(self, claims: Collection[ClaimId]) -> dict[ClaimId, set[tuple[str, str]]]:
        """For each claim, the other tasks that have finished with the same occurrence, as (workflow, task).

        A task has finished with an occurrence if it committed it or skipped it permanently. A file that a
        condition skipped may still be loaded.
        """
        mine, other = _claims.alias("mine"), _claims.alias("other")
        skipped = sa.and_(other.c.state == FileState.SKIPPED.value, other.c.reason != SKIPPED_BY_CONDITION)
        query = (
            sa.select(mine.c.id, other.c.workflow, other.c.task)
            .join(other, sa.and_(mine.c.source == other.c.source, mine.c.id != other.c.id))
            .where(mine.c.id.in_(claims), sa.or_(other.c.state.in_(stored(COMMITTED)), skipped))
        )
        found: dict[ClaimId, set[tuple[str, str]]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(ClaimId(row.id), set()).add((row.workflow, row.task))
        return found

    def change(self, transition: Transition, *, now: datetime) -> bool:
        """Apply a transition that a person requested for one file.

        Returns False if the file's state has changed since it was read.
        """
        with self._database.writing() as connection:
            return bool(move_claims(connection, [transition], now=now))


def _trust(connection: sa.Connection, claims: Collection[ClaimId]) -> None:
    update_many(connection, _claims, ("id",), [{"id": claim, "suspicion": None} for claim in claims])


def _fix_choices(connection: sa.Connection, choices: Mapping[ClaimId, Sequence[str]]) -> None:
    rows = [{"id": claim, "choice": list(choice)} for claim, choice in choices.items()]
    update_many(connection, _claims, ("id",), rows)


def _reject(row: sa.Row[Any]) -> Reject:
    return Reject(
        line=row.line,
        offset=row.offset,
        raw=row.raw,
        reason=row.reason,
        field=row.field,
        load_task=row.load_task,
        message=row.message,
        mended_in=row.mended_in,
    )


def _members(run: RunId) -> sa.Select[Any]:
    return sa.select(_manifests.c.claim).where(_manifests.c.run == run)


def _due(after: datetime) -> sa.Select[Any]:
    outbox = tables.outbox.c
    return sa.select(outbox.claim).where(outbox.state == "waiting", outbox.due_at > after)


def _put_rejects(connection: sa.Connection, found: Mapping[ClaimId, Iterable[Reject]]) -> None:
    """Replace the rejects of these claims by the rejects in ``found``. Rejects that come from the refusal of
    a destination are kept.
    """
    before = known_values(connection, tables.rejects.c.claim, list(found))
    for some in chunks(before):
        connection.execute(
            sa.delete(tables.rejects).where(
                tables.rejects.c.claim.in_(some), tables.rejects.c.load_task.is_(None)
            )
        )
    rows = (
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
    )
    while some_rows := list(islice(rows, REJECTS_AT_ONCE)):
        insert_many(connection, tables.rejects, some_rows)


def _known_receipts(connection: sa.Connection, receipts: Sequence[ClaimReceipt]) -> set[tuple[str, str]]:
    stored, known = tables.receipts.c, set()
    for some in chunks(receipt.claim for receipt in receipts):
        query = sa.select(stored.claim, stored.load_task).where(stored.claim.in_(some))
        known |= {(row.claim, row.load_task) for row in connection.execute(query)}
    return known
