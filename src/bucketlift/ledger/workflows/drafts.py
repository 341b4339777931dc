"""Workflows that somebody is still making or changing: nothing of them is in use."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import Row

Form = dict[str, Any]
"""What JSON can hold."""
_drafts, _workflows = tables.drafts, tables.workflows


class ChangedMeanwhile(RequestWrong):
    """Somebody else changed a draft since it was read; what they did stands."""

    default_hint = "Load the page again to see it; then make your change once more."


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    key: str
    document: Form | None
    """None where only half-filled forms are kept, and nothing is changed."""
    scratch: Form
    based_on: int | None
    """The version that was changed; None of a workflow that was never published."""
    number: int
    """Raised by each change."""
    changed_at: datetime
    changed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a draft begins with where there is none yet."""

    document: Form
    version: int


class Drafts:
    """At most one draft for each workflow, published or not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StoredDraft, ...]:
        with self._database.reading() as connection:
            return tuple(map(_draft, connection.execute(sa.select(_drafts).order_by(_drafts.c.key))))

    def get(self, key: str) -> StoredDraft | None:
        with self._database.reading() as connection:
            return _get(connection, key)

    def create(
        self, make: Callable[[Collection[str]], tuple[str, Form]], *, by: str | None, now: datetime
    ) -> str:
        """Begin a workflow. ``make`` says its key and document, given the keys that were ever taken."""
        with self._database.writing() as connection:
            key, document = make(_taken(connection))
            _insert(connection, key, document=document, based_on=None, by=by, now=now)
            return key

    def change(
        self,
        key: str,
        edit: Callable[[Form], Form],
        *,
        published: Published | None,
        rekey: Callable[[Form, Collection[str]], str],
        number: int | None,
        by: str | None,
        now: datetime,
    ) -> StoredDraft:
        """Read, change and write a document in one transaction.

        ``rekey`` says the key of a workflow that was never published and has another title now, given the keys
        of all others.

        Raises:
            ChangedMeanwhile: ``number`` is given, and the draft is not that one any more.
            NotFound: there is no draft, and nothing published.
        """
        with self._database.writing() as connection:
            before = _get(connection, key)
            _require(before, number, key)
            document = edit(_document(before, published, key))
            if before is None:
                assert published is not None  # noqa: S101 - the document came from it
                _insert(connection, key, document=document, based_on=published.version, by=by, now=now)
                return _found(connection, key)
            based_on = before.based_on
            if before.document is None and published is not None:
                based_on = published.version
            elif based_on is None and document.get("title") != (before.document or {}).get("title"):
                key = rekey(document, _taken(connection) - {key})
            values = {"document": document, "based_on": based_on, "changed_by": by, "changed_at": now}
            _update(connection, before.key, key=key, number=before.number + 1, **values)
            return _found(connection, key)

    def published(self, draft: StoredDraft, version: int) -> None:
        """What the draft said is in use; where it was changed since, that change now rests on this version."""
        with self._database.writing() as connection:
            now = _get(connection, draft.key)
            if now is not None:
                left = now.document if now.number != draft.number else None
                _update(connection, draft.key, document=left, based_on=version, number=now.number + 1)

    def outdate(self, key: str, version: int, *, now: datetime) -> None:
        """Another version is in use, which no draft said: what was seen before it cannot be saved over it."""
        with self._database.writing() as connection:
            draft = _get(connection, key)
            if draft is None:
                _insert(connection, key, document=None, based_on=version, by=None, now=now)
            _update(connection, key, number=(draft.number if draft else 0) + 1)

    def discard(self, key: str, *, number: int | None = None) -> None:
        """Forget changes, and what half-filled forms know; nothing where there is none.

        Raises:
            ChangedMeanwhile: as ``change``.
        """
        with self._database.writing() as connection:
            draft = _get(connection, key)
            _require(draft, number, key)
            if draft is not None and draft.based_on is not None:
                _update(connection, key, document=None, scratch={}, number=draft.number + 1)
            else:
                _remove(connection, key)

    def remove(self, key: str) -> None:
        """Forget all of it: the workflow is deleted."""
        with self._database.writing() as connection:
            _remove(connection, key)

    def keep_scratch(
        self, key: str, name: str, values: Form | None, *, version: int | None, now: datetime
    ) -> None:
        """Keep what a half-filled form knows; None forgets it. The document and its number stay.

        ``version``: the published one, where there is no draft yet.
        """
        with self._database.writing() as connection:
            if _get(connection, key) is None:
                _insert(connection, key, document=None, based_on=version, by=None, now=now)
            others = {each: kept for each, kept in _found(connection, key).scratch.items() if each != name}
            _update(connection, key, scratch=others if values is None else others | {name: values})


def _draft(row: Row) -> StoredDraft:
    changed_at = aware(row.changed_at)
    assert changed_at is not None  # noqa: S101 - the column is not nullable
    return StoredDraft(
        key=row.key,
        document=row.document,
        scratch=row.scratch,
        based_on=row.based_on,
        number=row.number,
        changed_at=changed_at,
        changed_by=row.changed_by,
    )


def _get(connection: sa.Connection, key: str) -> StoredDraft | None:
    row = connection.execute(sa.select(_drafts).where(_drafts.c.key == key)).one_or_none()
    return None if row is None else _draft(row)


def _found(connection: sa.Connection, key: str) -> StoredDraft:
    return _draft(connection.execute(sa.select(_drafts).where(_drafts.c.key == key)).one())


def _taken(connection: sa.Connection) -> frozenset[str]:
    """A deleted workflow's key stays with its history."""
    flows = connection.scalars(sa.select(_workflows.c.key)).all()
    return frozenset((*flows, *connection.scalars(sa.select(_drafts.c.key))))


def _require(draft: StoredDraft | None, number: int | None, key: str) -> None:
    if number is not None and number != (draft.number if draft else 0):
        who = draft.changed_by if draft else None
        raise ChangedMeanwhile(f"{who or 'Somebody else'} changed it meanwhile", to=key)


def _document(draft: StoredDraft | None, published: Published | None, key: str) -> Form:
    if draft is not None and draft.document is not None:
        return draft.document
    if published is not None:
        return published.document
    raise NotFound("There is no workflow of this name", to=key, hint="It may have been renamed or deleted.")


def _insert(
    connection: sa.Connection,
    key: str,
    *,
    document: Form | None,
    based_on: int | None,
    by: str | None,
    now: datetime,
) -> None:
    connection.execute(
        sa.insert(_drafts).values(
            key=key,
            document=sa.null() if document is None else document,
            scratch={},
            based_on=based_on,
            number=0 if document is None else 1,
            changed_by=by,
            changed_at=now,
        )
    )


def _update(connection: sa.Connection, draft: str, **values: Any) -> None:
    if values.get("document", ...) is None:
        values["document"] = sa.null()
    connection.execute(sa.update(_drafts).where(_drafts.c.key == draft).values(**values))


def _remove(connection: sa.Connection, key: str) -> None:
    connection.execute(sa.delete(_drafts).where(_drafts.c.key == key))
