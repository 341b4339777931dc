"""Employees: imported as a CSV file by jobs, and updated by their identifier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bucketlift.deliveries.qualtrics.api import Api, segment
from bucketlift.deliveries.qualtrics.csv_rows import csv_line
from bucketlift.deliveries.qualtrics.kinds import has_failed, is_done, unknown, working
from bucketlift.deliveries.qualtrics.rows import Encoded, body_of, each_row, in_chunks
from bucketlift.errors import DestinationRefused, NotFound
from bucketlift.model.delivery import Answer, AnswerState, Chunk, Content, Counts, RefusedByDestination
from bucketlift.model.directory.platform import EMPLOYEE_KEYS
from bucketlift.model.directory.targets import IDENTIFIER, EmployeesTarget
from bucketlift.model.rows import RowStream

IN_CALL = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Employees:
    api: Api

    def contents(self, target: EmployeesTarget, rows: RowStream) -> Iterator[Content]:
        header = csv_line([EMPLOYEE_KEYS.get(column.name, column.name) for column in target.columns])
        encoded = (
            Encoded(line=line, data=csv_line(values))
            for line, values in each_row(target, rows, target.columns)
        )
        return in_chunks(encoded, most=IN_CALL, start=header)

    def send(self, target: EmployeesTarget, chunk: Chunk, content: Content) -> Answer:
        boundary = f"bucketlift-{chunk.key}"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="employees.csv"\r\n'
            "Content-Type: text/csv; charset=UTF-8\r\n\r\n"
        )
        body = head.encode() + body_of(content) + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        result = self.api.change("POST", _imports(target), _place(target), body, headers)
        return working(result.get("jobId") or result.get("id"))

    def ask(self, target: EmployeesTarget, chunk: Chunk, content: Content) -> Answer:
        if chunk.job is None:
            return unknown("the answer with the number of the job was lost")
        try:
            status = self.api.get(f"{_imports(target)}/{segment(chunk.job)}", f"job {chunk.job}")
        except NotFound:
            return unknown(f"the platform no longer knows the job {chunk.job}")
        if has_failed(status):
            raise DestinationRefused(
                "The platform refused the import of employees",
                to=f"job {chunk.job} of {_place(target)}",
                hint="Look at the job there, correct the file or the map, and retry the file.",
            )
        if not is_done(status):
            return working(chunk.job)
        result = status.get("resultId")
        if not isinstance(result, str):
            return unknown(f"the job {chunk.job} names no result")
        return self._answer(target, content, result)

    def _answer(self, target: EmployeesTarget, content: Content, result: str) -> Answer:
        found = self.api.get(f"{_imports(target)}/results/{segment(result)}", f"result {result}")
        lines = _lines(target, content)
        refused: dict[int, str] = {}
        unnamed = 0
        for bucket in _buckets(found):
            message = self.api.words.clean(str(bucket.get("message", "")))
            named = [lines[each] for each in map(str, bucket.get("itemIds") or ()) if each in lines]
            refused |= dict.fromkeys(named, message)
            unnamed += max(0, _count(bucket) - len(named))
        if unnamed:
            return unknown(f"the result {result} has {unnamed:,} failed rows that it does not name")
        return Answer(
            state=AnswerState.CONFIRMED,
            counts=Counts(updated=content.rows - len(refused)),
            refused=tuple(
                RefusedByDestination(line=line, message=refused[line] or "the platform refused it")
                for line in sorted(refused)
            ),
        )


def _lines(target: EmployeesTarget, content: Content) -> dict[str, int]:
    """The source line of each employee, by identifier."""
    at = next(index for index, column in enumerate(target.columns) if column.name == IDENTIFIER)
    return dict(zip((row[at] for row in _rows(content)), content.lines, strict=True))


def _rows(content: Content) -> Iterator[list[str]]:
    import csv  # noqa: PLC0415 - only for rows that were refused
    import io  # noqa: PLC0415

    reader = csv.reader(io.StringIO(body_of(content).decode(), newline=""))
    next(reader)
    yield from reader


def _buckets(result: dict[str, Any]) -> list[dict[str, Any]]:
    listed = result.get("failed")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _count(bucket: dict[str, Any]) -> int:
    count = bucket.get("itemCount")
    return count if isinstance(count, int) else 0


def _imports(target: EmployeesTarget) -> str:
    if target.project is not None:
        return f"/ex-projects/{segment(target.project)}/import-participants"
    return f"/employee-directories/{segment(target.directory or '')}/import-participants"


def _place(target: EmployeesTarget) -> str:
    return f"project {target.project}" if target.project else f"employee directory {target.directory}"
