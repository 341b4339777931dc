"""What the ledger knows about the keys of a listing, so that a run can decide which objects are new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, Row, claim_of, source_of, stored
from bucketlift.model.claim import Claim, ClaimId, KeyFacts
from bucketlift.model.lifecycle import OPEN
from bucketlift.model.source import ListedObject, StoreId


class Survey:
    """Queries about one page of a listing at a time. They change nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(
        self, store: StoreId, bucket: str, page: Sequence[ListedObject], *, workflow: str, task: str
    ) -> list[KeyFacts]:
        """The facts about each listed object, in the order of the page. A page has at most 1,000 objects."""
        keys = [listed.key for listed in page]
        with self._database.reading() as connection:
            rows = _rows(connection, store, bucket, keys)
            newest = {each.key: row for each in page if (row := _newest(each, rows.get(each.key, [])))}
            claims = _claims_on(connection, [row.id for row in newest.values()], workflow, task)
            loaded = _loaded(connection, store, bucket, keys, workflow, task)
            written = _written(connection, store, bucket, keys, workflow)
        facts = []
        for listed in page:
            row = newest.get(listed.key)
            facts.append(
                KeyFacts(
                    newest=source_of(row) if row else None,
                    removed=bool(row and row.removed_at),
                    changed_at=aware(row.removed_at or row.found_at) if row else None,
                    claim=claims.get(row.id) if row else None,
                    same_bytes_loaded=loaded.get((listed.key, listed.etag, listed.size)),
                    written_by_us=listed.key in written,
                    last=max((each.occurrence for each in rows.get(listed.key, ())), default=0),
                )
            )
        return facts

    def loaded_bytes(self, claim: Claim, sha256: str) -> datetime | None:
        """The last time at which another occurrence of the claim's key with these bytes was loaded by its task."""
        claims, sources, receipts = tables.claims.c, tables.source_objects.c, tables.receipts.c
        at = sa.func.max(sa.func.coalesce(claims.loaded_at, receipts.committed_at))
        wanted = (
            sa.select(at)
            .join(tables.claims, claims.source == sources.id)
            .join(tables.receipts, receipts.claim == claims.id)
            .where(
                sources.store == claim.source.store,
                sources.bucket == claim.source.bucket,
                sources.key == claim.source.key,
                claims.workflow == claim.workflow,
                claims.task == claim.task,
                claims.id != claim.id,
                claims.sha256 == sha256,
                claims.rows > 0,
            )
            .select_from(tables.source_objects)
        )
        with self._database.reading() as connection:
            return aware(_time(connection.scalar(wanted)))

    def open_claims(self, workflow: str, task: str) -> dict[ClaimId, Claim]:
        """The held and unfinished claims of a task. There are few of them, even if the bucket has many
        objects.
        """
        claims = tables.claims
        query = (
            sa.select(*CLAIM_COLUMNS)
            .join(tables.source_objects, claims.c.source == tables.source_objects.c.id)
            .where(claims.c.workflow == workflow, claims.c.task == task, claims.c.state.in_(stored(OPEN)))
        )
        with self._database.reading() as connection:
            found = [claim_of(row) for row in connection.execute(query)]
        return {claim.id: claim for claim in found}

    def first_listed_at(self, workflow: str, task: str) -> datetime | None:
        """The time at which the first listing of this task was complete; None before that."""
        listings = tables.listings.c
        with self._database.reading() as connection:
            return aware(
                connection.scalar(
                    sa.select(listings.first_listed_at).where(
                        listings.workflow == workflow, listings.task == task
                    )
                )
            )


def _rows(
    connection: sa.Connection, store: StoreId, bucket: str, keys: Sequence[str]
) -> dict[str, list[Row]]:
    """The occurrences of each key, oldest first."""
    sources = tables.source_objects
    query = (
        sa.select(sources)
        .where(sources.c.store == store, sources.c.bucket == bucket, sources.c.key.in_(keys))
        .order_by(sources.c.key, sources.c.occurrence)
    )
    rows: dict[str, list[Row]] = {}
    for row in connection.execute(query):
        rows.setdefault(row.key, []).append(row)
    return rows


def _newest(listed: ListedObject, rows: Sequence[Row]) -> Row | None:
    """The occurrence with which a listed object is compared.

    An occurrence without an ETag does not identify its bytes. So an entry with an ETag is compared with the
    last occurrence that has one.
    """
    fit = rows if listed.defect else [row for row in rows if row.etag]
    return fit[-1] if fit else None


def _claims_on(
    connection: sa.Connection, sources: Sequence[int], workflow: str, task: str
) -> dict[int, Claim]:
    claims = tables.claims
    query = (
        sa.select(*CLAIM_COLUMNS, claims.c.source.label("source_row"))
        .join(tables.source_objects, claims.c.source == tables.source_objects.c.id)
        .where(claims.c.source.in_(sources), claims.c.workflow == workflow, claims.c.task == task)
    )
    return {row.source_row: claim_of(row) for row in connection.execute(query)}


def _loaded(
    connection: sa.Connection,
    store: StoreId,
    bucket: str,
    keys: Sequence[str],
    workflow: str,
    task: str,
) -> dict[tuple[str, str, int], datetime]:
    claims, sources, receipts = tables.claims.c, tables.source_objects.c, tables.receipts.c
    at = sa.func.max(sa.func.coalesce(claims.loaded_at, receipts.committed_at)).label("at")
    query = (
        sa.select(sources.key, sources.etag, sources.size, at)
        .join(tables.claims, claims.source == sources.id)
        .join(tables.receipts, receipts.claim == claims.id)
        .where(
            sources.store == store,
            sources.bucket == bucket,
            sources.key.in_(keys),
            claims.workflow == workflow,
            claims.task == task,
            claims.rows > 0,
        )
        .group_by(sources.key, sources.etag, sources.size)
    )
    found = {}
    for row in connection.execute(query):
        moment = aware(_time(row.at))
        if moment is not None:
            found[row.key, row.etag, row.size] = moment
    return found


def _time(value: datetime | str | None) -> datetime | None:
    """Convert a time that may be text: SQLite returns the result of a function on a time as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _written(
    connection: sa.Connection, store: StoreId, bucket: str, keys: Sequence[str], workflow: str
) -> set[str]:
    outbox, claims, objects = tables.outbox.c, tables.claims.c, tables.source_objects.c
    query = (
        sa.select(outbox.place_key)
        .join(tables.claims, claims.id == outbox.claim)
        .join(tables.source_objects, objects.id == claims.source)
        .where(outbox.place_bucket == bucket, outbox.place_key.in_(keys), outbox.workflow == workflow)
        .where(objects.store == store)
    )
    return set(connection.scalars(query))
