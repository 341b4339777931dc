"""Records of a data project: at most 50 in a call, and updated one by one by their key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bucketlift.deliveries.qualtrics.api import Api, segment
from bucketlift.deliveries.qualtrics.kinds import unknown
from bucketlift.deliveries.qualtrics.rows import Encoded, body_of, each_row, in_chunks
from bucketlift.errors import AccessRefused, DestinationRefused, NotFound
from bucketlift.model.delivery import Answer, AnswerState, Chunk, Content, Counts, RefusedByDestination
from bucketlift.model.directory.data_targets import RecordsTarget, RecordType
from bucketlift.model.load import Column
from bucketlift.model.rows import RowStream
from bucketlift.ports import NotSent

IN_CALL = 50
_JSON = {"Content-Type": "application/json"}
_NO_PATH = frozenset({".", ".."})
"""Keys that cannot be part of an address: servers take them for another address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    api: Api

    def contents(self, target: RecordsTarget, rows: RowStream) -> Iterator[Content]:
        encoded = (
            Encoded(line=line, data=_record(target, values))
            for line, values in each_row(target, rows, target.columns)
        )
        return in_chunks(encoded, most=IN_CALL, between=b"\n")

    def send(self, target: RecordsTarget, chunk: Chunk, content: Content) -> Answer:
        del chunk
        records = body_of(content).split(b"\n")
        if target.unique_field is None:
            self._add(target, records)
            return Answer(state=AnswerState.CONFIRMED, counts=Counts(inserted=len(records)))
        return self._upsert(target, target.unique_field, records, content.lines)

    def ask(self, target: RecordsTarget, chunk: Chunk, content: Content) -> Answer:
        """Records have no jobs."""
        del target, chunk, content
        return unknown("the answer was lost, and the platform has no job for records")

    def _upsert(
        self, target: RecordsTarget, unique: str, records: Sequence[bytes], lines: Sequence[int]
    ) -> Answer:
        """Update each record by its key, then add those that do not exist yet. A repeat does the same again."""
        refused: dict[int, str] = {}
        missing: list[tuple[int, bytes]] = []
        updated = 0
        for line, record in zip(lines, records, strict=True):
            key = str(json.loads(record, parse_float=str, parse_int=str)[unique])
            if key in _NO_PATH:
                refused[line] = "the platform cannot address a record with this key"
                continue
            try:
                self._put(target, key, record)
                updated += 1
            except (NotSent, AccessRefused) as error:
                if updated == 0:
                    raise
                return unknown(f"records before line {line:,} are updated already: {error.what}")
            except NotFound:
                missing.append((line, record))
            except DestinationRefused as error:
                refused[line] = error.what
        try:
            refused |= self._add_missing(target, missing) if missing else {}
        except (NotSent, AccessRefused) as error:
            if updated == 0:
                raise
            return unknown(f"existing records are updated already, and others are missing: {error.what}")
        added = sum(line not in refused for line, _ in missing)
        return Answer(
            state=AnswerState.CONFIRMED,
            counts=Counts(inserted=added, updated=len(records) - len(refused) - added),
            refused=tuple(RefusedByDestination(line=each, message=refused[each]) for each in sorted(refused)),
        )

    def _put(self, target: RecordsTarget, key: str, record: bytes) -> None:
        path = f"{_records(target)}/{segment(key)}?nonDestructive=true"
        self.api.change("PUT", path, _place(target), record, _JSON)

    def _add_missing(self, target: RecordsTarget, missing: Sequence[tuple[int, bytes]]) -> dict[int, str]:
        """Add records. If the platform refuses the call, each is added alone. Returns the refused ones by line."""
        try:
            self._add(target, [record for _, record in missing])
        except DestinationRefused as error:
            if len(missing) == 1:
                return {missing[0][0]: error.what}
            return {
                line: message
                for each in missing
                for line, message in self._add_missing(target, [each]).items()
            }
        return {}

    def _add(self, target: RecordsTarget, records: Sequence[bytes]) -> None:
        body = b'{"records": [' + b", ".join(records) + b"]}"
        self.api.change("POST", _records(target), _place(target), body, _JSON)


def _record(target: RecordsTarget, values: Sequence[str | None]) -> bytes:
    """A record as JSON on one line. Fields without a value are left out. Numbers keep all their digits."""
    parts = [
        f"{json.dumps(column.name, ensure_ascii=False)}: {_json(target, column, value)}"
        for column, value in zip(target.columns, values, strict=True)
        if value is not None
    ]
    return f"{{{', '.join(parts)}}}".encode()


def _json(target: RecordsTarget, column: Column, value: str) -> str:
    return value if target.type_of(column) is RecordType.NUMBER else json.dumps(value, ensure_ascii=False)


def _records(target: RecordsTarget) -> str:
    return f"/imported-data-projects/{segment(target.project)}/records"


def _place(target: RecordsTarget) -> str:
    return f"data project {target.project}"
