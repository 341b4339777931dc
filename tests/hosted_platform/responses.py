"""Imports of responses to surveys."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from uuid import UUID

from hosted_platform.jobs import Jobs
from hosted_platform.wire import Refused, Reply, Request

MAX_BYTES = 5_000_000


@dataclass(kw_only=True)
class ResponseImports:
    surveys: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {"SV_1": []})
    fails: bool = False
    """Whether the next job fails and adds nothing."""
    jobs: Jobs = field(default_factory=Jobs)
    _known: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def answer(self, request: Request) -> Reply:
        _, survey, *rest = request.parts
        if survey not in self.surveys:
            raise Refused(404, "SV_0", "no such survey")
        match request.method, rest:
            case "POST", ["import-responses"]:
                return Reply(result={"progressId": self._import(request, survey)})
            case "GET", ["import-responses", job]:
                return Reply(result=self.jobs.status(job))
        raise Refused(404, "NF_0", "no such path")

    def _import(self, request: Request, survey: str) -> str:
        if request.headers.get("Content-Type", "").split(";")[0] not in (
            "text/csv",
            "text/tab-separated-values",
        ):
            raise Refused(415, "TYPE", "the content is CSV or TSV")
        if len(request.body) > MAX_BYTES:
            raise Refused(413, "SIZE", "the file is too large")
        try:
            key = str(UUID(request.headers.get("Idempotency-Key", "")))
        except ValueError:
            raise Refused(400, "KEY", "the key is not a UUID") from None
        if key in self._known:
            body, job = self._known[key]
            if body != request.body:
                raise Refused(400, "KEY", "the key was used for another file")
            return job
        job = self._start(request, survey)
        if not self.fails:
            self._known[key] = (request.body, job)
        return job

    def _start(self, request: Request, survey: str) -> str:
        if self.fails:
            error = {"errorCode": "IMP_1", "errorMessage": "the file has no known question"}
            return self.jobs.start("progress", {"status": "failed", "error": error})
        rows = csv.DictReader(io.StringIO(request.body.decode("utf-8"), newline=""), strict=True)
        self.surveys[survey] += [dict(row) for row in rows]
        return self.jobs.start("progress", {})
