"""Drafts of workflows: changes that are not published yet."""

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
from bucketlift.ledger.secrets.secrets import SecretChanges

Form = dict[str, Any]
"""A form or a document, as a JSON object."""
_drafts, _workflows = tables.drafts, tables.workflows
CREATED = "created"
"""The entry of ``scratch`` with the key of the form that created the workflow."""
MADE = "made"
"""The entry of ``scratch`` that remembers what forms made, by the key of the form."""


class ChangedMeanwhile(RequestWrong):
    """Another user changed a draft after it was read. That user's change is kept, and this one is refused."""

    default_hint = "Reload the page to see the change. Then make your change again."


@dataclass(slots=True, kw_only=True)
class Creation:
    """What a form makes. A form that is sent again has the same key, and changes what it made before."""

    key: str
    made: Any = None
    """What the form made before, as JSON; None if it made nothing yet. ``edit`` sets it to what it made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    key: str
    document: Form | None
    """The changed document; None if the draft has only unfinished forms."""
    scratch: Form
    based_on: int | None
    """The published version that the draft changes; None for a workflow that was never published."""
    number: int
    """The draft's number, which increases with each change."""
    changed_at: datetime
    changed_by: str | None = None

    def made(self, key: str) -> Any:
        """What the form with this key made; None if it made nothing."""
        return self.scratch.get(MADE, {}).get(key, {}).get("what")

    def is_only_changed_by(self, key: str, number: int) -> bool:
        """Whether the form with this key is all that changed the draft since it had this number."""
        return self.number == number + 1 and self.scratch.get(MADE, {}).get(key, {}).get("number") == number


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The published version on which a new draft is based."""

    document: Form
    version: int


class Drafts:
    """The drafts of workflows. A workflow has at most one draft, whether it is published or not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StoredDraft, ...]:
        with self._database.reading() as connection:
            return tuple(map(_draft, connection.execute(sa.select(_drafts).order_by(_drafts.c.key))))

    def get(self, key: str) -> StoredDraft | None:
        with self._database.reading() as connection:
            return _get(connection, key)

    def create(
        self,
        make: Callable[[Collection[str]], tuple[str, Form]],
        *,
        by: str | None,
        now: datetime,
        form: str | None = None,
    ) -> str:
        """Create a draft of a new workflow, or return the draft that the form with the key ``form`` created.

        ``make`` gets all keys that were ever used, and returns the key and the document.
        """
        with self._database.writing() as connection:
            if form and (known := _created_by(connection, form)) is not None:
                return known
            key, document = make(_used_keys(connection))
            _insert(connection, key, document=document, based_on=None, by=by, now=now)
            if form:
                _update(connection, key, scratch={CREATED: form})
            return key

    def change(  # noqa: PLR0913 - one transaction does all of it
        self,
        key: str,
        edit: Callable[[Form], Form],
        *,
        published: Published | None,
        rekey: Callable[[Form, Collection[str]], str],
        number: int | None,
        by: str | None,
        now: datetime,
        creation: Creation | None = None,
        seal: Callable[[SecretChanges], None] | None = None,
    ) -> StoredDraft:
        """Read, change and write a draft's document in one transaction.

        ``creation`` is set before ``edit`` is called, and stored after it. ``seal`` stores the secrets that the document
        names, in the same transaction.

        If a workflow that was never published gets another title, ``rekey`` gets the document and the keys of
        all other workflows, and returns the new key.

        Raises:
            ChangedMeanwhile: ``number`` is given, and the draft has another number by now.
            NotFound: there is neither a draft nor a published version.
        """
        with self._database.writing() as connection:
            before = _get(connection, key)
            if creation is not None and before is not None:
                creation.made = before.made(creation.key)
            _require(before, number, key, creation)
            document = edit(_document(before, published, key))
            if seal is not None:
                seal(SecretChanges(connection))
            if before is None:
                assert published is not None  # noqa: S101 - the document came from it
                _insert(connection, key, document=document, based_on=published.version, by=by, now=now)
                _remember(connection, key, creation, 0)
                return _row_of(connection, key)
            based_on = before.based_on
            if before.document is None and published is not None:
                based_on = published.version
            elif based_on is None and document.get("title") != (before.document or {}).get("title"):
                key = rekey(document, _used_keys(connection) - {key})
            values = {"document": document, "based_on": based_on, "changed_by": by, "changed_at": now}
            _update(connection, before.key, key=key, number=before.number + 1, **values)
            _remember(connection, key, creation, before.number)
            return _row_of(connection, key)

    def published(self, draft: StoredDraft, version: int) -> None:
        """Record that a draft was published as this version.

        If a person edited the draft after it was read, keep these edits as a draft that is based on this
        version.
        """
        with self._database.writing() as connection:
            now = _get(connection, draft.key)
            if now is not None:
                left = now.document if now.number != draft.number else None
                _update(connection, draft.key, document=left, based_on=version, number=now.number + 1)

    def outdate(self, key: str, version: int, *, now: datetime) -> None:
        """Increase the draft's number after a version was published without the draft.

        A form that was opened before has the former number, so it cannot overwrite this version.
        """
        with self._database.writing() as connection:
            draft = _get(connection, key)
            if draft is None:
                _insert(connection, key, document=None, based_on=version, by=None, now=now)
            _update(connection, key, number=(draft.number if draft else 0) + 1)

    def discard(self, key: str, *, number: int | None = None) -> None:
        """Delete a draft's changes and unfinished forms.

        Raises:
            ChangedMeanwhile: ``number`` is given, and the draft has another number by now.
        """
        with self._database.writing() as connection:
            draft = _get(connection, key)
            _require(draft, number, key)
            if draft is not None and draft.based_on is not None:
                _update(connection, key, document=None, scratch={}, number=draft.number + 1)
            else:
                _remove(connection, key)

    def remove(self, key: str) -> None:
        """Delete the draft of a deleted workflow."""
        with self._database.writing() as connection:
            _remove(connection, key)

    def keep_scratch(
        self, key: str, name: str, values: Form | None, *, version: int | None, now: datetime
    ) -> None:
        """Save the values of an unfinished form. If ``values`` is None, delete them.

        The document and its number do not change. ``version`` is the published version, for a workflow
        without a draft.
        """
        with self._database.writing() as connection:
            if _get(connection, key) is None:
                _insert(connection, key, document=None, based_on=version, by=None, now=now)
            others = {each: kept for each, kept in _row_of(connection, key).scratch.items() if each != name}
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


def _row_of(connection: sa.Connection, key: str) -> StoredDraft:
    return _draft(connection.execute(sa.select(_drafts).where(_drafts.c.key == key)).one())


def _used_keys(connection: sa.Connection) -> frozenset[str]:
    """Return all keys that are or were used. Deleted workflows keep their keys, because their history is
    kept.
    """
    flows = connection.scalars(sa.select(_workflows.c.key)).all()
    return frozenset((*flows, *connection.scalars(sa.select(_drafts.c.key))))


def _created_by(connection: sa.Connection, form: str) -> str | None:
    rows = connection.execute(sa.select(_drafts.c.key, _drafts.c.scratch))
    return next((row.key for row in rows if row.scratch.get(CREATED) == form), None)


def _remember(connection: sa.Connection, draft: str, creation: Creation | None, number: int) -> None:
    """Store what a form made. ``number`` is the draft's number before."""
    if creation is None:
        return
    scratch = _row_of(connection, draft).scratch
    entry = {creation.key: {"what": creation.made, "number": number}}
    _update(connection, draft, scratch=scratch | {MADE: scratch.get(MADE, {}) | entry})


def _require(
    draft: StoredDraft | None, number: int | None, key: str, creation: Creation | None = None
) -> None:
    if number is not None and number != (draft.number if draft else 0):
        if draft and creation and draft.is_only_changed_by(creation.key, number):
            return
        who = draft.changed_by if draft else None
        raise ChangedMeanwhile(f"{who or 'Another user'} changed the workflow meanwhile", to=key)


def _document(draft: StoredDraft | None, published: Published | None, key: str) -> Form:
    if draft is not None and draft.document is not None:
        return draft.document
    if published is not None:
        return published.document
    raise NotFound("There is no workflow with this name", to=key, hint="It may have been renamed or deleted.")


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
