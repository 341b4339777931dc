"""Imports of employees into an employee directory or a project."""

from __future__ import annotations

import csv
import email
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hosted_platform.jobs import Jobs
from hosted_platform.wire import Refused, Reply, Request

_REQUIRED = ("uniqueIdentifier", "firstName", "lastName", "email")
AT_ONCE = 10


@dataclass(kw_only=True)
class EmployeeImports:
    places: dict[tuple[str, str], dict[str, dict[str, str]]] = field(
        default_factory=lambda: {("employee-directories", "ED_1"): {}, ("ex-projects", "EX_1"): {}}
    )
    """Employees by identifier, for each directory and project."""
    refuse: Callable[[Mapping[str, str]], str | None] = lambda row: None  # noqa: ARG005 - the shape of such rules
    jobs: Jobs = field(default_factory=Jobs)
    _results: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def answer(self, request: Request) -> Reply:
        kind, place, *rest = request.parts
        if (kind, place) not in self.places:
            raise Refused(404, "EX_0", "no such directory or project")
        match request.method, rest:
            case "POST", ["import-participants"]:
                return Reply(status=202, result={"jobId": self._import(request, self.places[kind, place])})
            case "GET", ["import-participants", "results", result]:
                return Reply(result={"failed": self._results[result]})
            case "GET", ["import-participants", job]:
                return Reply(result=self.jobs.status(job))
        raise Refused(404, "NF_0", "no such path")

    def _import(self, request: Request, known: dict[str, dict[str, str]]) -> str:
        if self.jobs.running >= AT_ONCE:
            raise Refused(409, "JOBS", "too many jobs")
        rows = _rows(request)
        if not rows or set(_REQUIRED) - rows[0].keys():
            raise Refused(400, "COLUMNS", "a required column is missing")
        buckets: dict[str, list[str]] = {}
        for row in rows:
            message = self.refuse(row) or (
                None if all(row[each] for each in _REQUIRED) else "a required value is missing"
            )
            if message:
                buckets.setdefault(message, []).append(row["uniqueIdentifier"])
            else:
                known[row["uniqueIdentifier"]] = known.get(row["uniqueIdentifier"], {}) | row
        result = f"result-{len(self._results) + 1}"
        self._results[result] = [
            {"message": message, "itemCount": len(ids), "itemIds": ids} for message, ids in buckets.items()
        ]
        return self.jobs.start("job", {"resultId": result})


def _rows(request: Request) -> list[dict[str, str]]:
    head = f"Content-Type: {request.headers.get('Content-Type', '')}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body)
    parts = {part.get_param("name", header="content-disposition"): part for part in message.walk()}
    if not message.is_multipart() or "file" not in parts:
        raise Refused(400, "FILE", "the part `file` is missing")
    text = parts["file"].get_payload(decode=True)
    assert isinstance(text, bytes)
    return [dict(row) for row in csv.DictReader(io.StringIO(text.decode("utf-8"), newline=""), strict=True)]
