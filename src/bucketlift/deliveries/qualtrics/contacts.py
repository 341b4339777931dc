"""Contacts with their transactions: imported into a mailing list by jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from bucketlift.deliveries.qualtrics.api import Api, segment
from bucketlift.deliveries.qualtrics.kinds import has_failed, is_done, unknown, working
from bucketlift.deliveries.qualtrics.rows import Encoded, body_of, each_row, in_chunks
from bucketlift.errors import NotFound
from bucketlift.model.delivery import Answer, AnswerState, Chunk, Content, Counts, RefusedByDestination
from bucketlift.model.directory.platform import CONTACT_KEYS, UNSUBSCRIBED
from bucketlift.model.directory.targets import ContactsTarget
from bucketlift.model.load import Column
from bucketlift.model.rows import RowStream
from bucketlift.rules.nearest import nearest
from bucketlift.tabular.transform.values import as_text
from bucketlift.tabular.types.dates import dates_of

IN_CALL = 10_000
_LIST = "CG_"
_TAKEN = frozenset({"success", "added", "created", "updated", "completed", "imported", "unchanged", "noop"})
"""The ``importStatus`` of rows that the platform took. Which words it uses is not known; see decision 64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    api: Api
    directory: str
    _lists: dict[str, str] = field(default_factory=dict)
    """The ID of each mailing list that was looked up, by name."""

    def contents(self, target: ContactsTarget, rows: RowStream) -> Iterator[Content]:
        meta: dict[str, Any] = {}
        if target.transactions is not None:
            meta["transactionMeta"] = {"fields": [target.transactions.date, *target.transactions.fields]}
        start = json.dumps(meta, ensure_ascii=False)[:-1] + (", " if meta else "") + '"contacts": ['
        return in_chunks(_encoded(target, rows), most=IN_CALL, start=start.encode(), between=b", ", end=b"]}")

    def send(self, target: ContactsTarget, chunk: Chunk, content: Content) -> Answer:
        del chunk
        list_id = self._list_id(target.list or "")
        result = self.api.change(
            "POST",
            self._imports(list_id),
            f"mailing list {target.list} of {self.directory}",
            body_of(content),
            {"Content-Type": "application/json"},
        )
        job = result.get("id")
        return working(f"{list_id}/{job}" if isinstance(job, str) else None)

    def ask(self, target: ContactsTarget, chunk: Chunk, content: Content) -> Answer:
        del target  # the job names its list, which may have been renamed
        if chunk.job is None:
            return unknown("the answer with the number of the import was lost")
        list_id, _, job = chunk.job.partition("/")
        try:
            status = self.api.get(f"{self._imports(list_id)}/{segment(job)}", f"import {job}")
        except NotFound:
            return unknown(f"the platform no longer knows the import {job}")
        if has_failed(status):
            return unknown(
                f"the platform reports that the import {job} failed, and some contacts may be there"
            )
        return self._answer(status, job, content) if is_done(status) else working(chunk.job)

    def _answer(self, status: Mapping[str, Any], job: str, content: Content) -> Answer:
        contacts = status.get("contacts")
        contacts = contacts if isinstance(contacts, dict) else {}
        counted = contacts.get("count")
        added, updated, failed = (_number(counted, word) for word in ("added", "updated", "failed"))
        if not isinstance(counted, dict) or added + updated + failed > content.rows:
            return unknown(f"the import {job} reports no counts, or more contacts than it got")
        refused = dict.fromkeys(_indexes(contacts.get("unprocessed"), content), "")
        if failed or refused:
            refused |= self._reasons(job, content)
        if len(refused) < failed:
            return unknown(
                f"the import {job} reports {failed:,} failed contacts, and names {len(refused):,} of them"
            )
        return Answer(
            state=AnswerState.CONFIRMED,
            counts=Counts(
                inserted=added,
                updated=updated,
                unchanged=max(0, content.rows - len(refused) - added - updated),
            ),
            refused=tuple(
                RefusedByDestination(
                    line=content.lines[index], message=refused[index] or "the platform did not process it"
                )
                for index in sorted(refused)
            ),
        )

    def _reasons(self, job: str, content: Content) -> dict[int, str]:
        """The contacts that the platform did not take, by index, with its codes."""
        path = f"/directories/{segment(self.directory)}/imports/api-import/jobs/{segment(job)}/report"
        found: dict[int, str] = {}
        for row in self._report(path, job):
            status, index = str(row.get("importStatus", "")), row.get("sourceIndexId")
            index = int(index) if isinstance(index, str) and index.isdigit() else index
            if isinstance(index, int) and 0 <= index < content.rows and status.casefold() not in _TAKEN:
                said = " ".join(str(row[key]) for key in ("importStatus", "code") if row.get(key))
                found[index] = self.api.words.clean(said)
        return found

    def _report(self, path: str, job: str) -> Iterator[dict[str, Any]]:
        try:
            yield from self.api.pages(f"{path}?skipToken=", f"report of the import {job}", "elements")
        except NotFound:
            return  # the status names the contacts; only their reasons are missing

    def _imports(self, list_id: str) -> str:
        return f"/directories/{segment(self.directory)}/mailinglists/{segment(list_id)}/transactioncontacts"

    def _list_id(self, name: str) -> str:
        """The ID of a mailing list. Raises NotFound if no list, or more than one, has this name."""
        if name.startswith(_LIST):
            return name
        if name not in self._lists:
            path = f"/directories/{segment(self.directory)}/mailinglists"
            found = [
                (each.get("name"), each.get("mailingListId") or each.get("id"))
                for each in self.api.pages(path, f"directory {self.directory}", "elements")
            ]
            ids = [each for known, each in found if known == name and isinstance(each, str)]
            if len(ids) != 1:
                raise _no_list(name, [known for known, _ in found if isinstance(known, str)], len(ids))
            self._lists[name] = ids[0]
        return self._lists[name]


def _no_list(name: str, known: list[str], found: int) -> NotFound:
    if found:
        return NotFound(
            f"{found} mailing lists have this name",
            to=name,
            hint="Write the ID of one of them: `list: CG_...`.",
        )
    return NotFound(
        "The platform's directory has no mailing list with this name",
        to=name,
        hint=f"Was it renamed there? {nearest(name, known)} The ID stays the same when a list is renamed: `list: CG_...`.",
    )


def _encoded(target: ContactsTarget, rows: RowStream) -> Iterator[Encoded]:
    columns = list(target.columns)
    more = []
    if target.transactions is not None:
        more = [Column(name=each, field=each) for each in target.transactions.fields]
    dates = _Dates.of(target)
    for line, values in each_row(target, dates.watched(rows), [*columns, *more]):
        contact = _contact(columns, values)
        if target.transactions is not None:
            named = [(each.name, value) for each, value in zip(more, values[len(columns) :], strict=True)]
            contact["transactionData"] = {
                name: value
                for name, value in [(target.transactions.date, dates.next()), *named]
                if value is not None
            }
        yield Encoded(line=line, data=json.dumps(contact, ensure_ascii=False).encode())


def _contact(columns: list[Column], values: list[Any]) -> dict[str, Any]:
    """A contact without its transaction. Fields without a value are left out: the platform takes no null."""
    contact: dict[str, Any] = {}
    embedded: dict[str, str] = {}
    for column, value in zip(columns, values, strict=False):
        if value is None:
            continue
        key = CONTACT_KEYS.get(column.name)
        if key is None:
            embedded[column.name] = value
        else:
            contact[key] = value == "true" if column.name == UNSUBSCRIBED else value
    return contact | ({"embeddedData": embedded} if embedded else {})


@dataclass(slots=True, kw_only=True)
class _Dates:
    """The dates of the transactions, read batch by batch beside the rows."""

    name: str | None
    format: str | None
    _left: Iterator[str | None] = field(default_factory=lambda: iter(()))

    @staticmethod
    def of(target: ContactsTarget) -> _Dates:
        said = target.transactions
        return _Dates(name=said.date if said else None, format=said.format if said else None)

    def watched(self, rows: RowStream) -> RowStream:
        return rows if self.name is None else RowStream(schema=rows.schema, batches=self._batches(rows))

    def next(self) -> str | None:
        return next(self._left)

    def _batches(self, rows: RowStream) -> Iterator[pa.RecordBatch]:
        for batch in rows:
            self._left = iter(as_text(dates_of(batch.column(self.name or ""), self.format)).to_pylist())
            yield batch


def _number(counted: object, word: str) -> int:
    value = counted.get(word) if isinstance(counted, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def _indexes(listed: object, content: Content) -> list[int]:
    """The indexes of a list of indexes, or of contacts with an index."""
    found = []
    for each in listed if isinstance(listed, list) else ():
        index = each.get("index") if isinstance(each, dict) else each
        index = int(index) if isinstance(index, str) and index.isdigit() else index
        if isinstance(index, int) and 0 <= index < content.rows:
            found.append(index)
    return found
