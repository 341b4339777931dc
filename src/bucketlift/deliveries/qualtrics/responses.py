"""Responses to a survey: imported as CSV by jobs. The idempotency key makes a repeat harmless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bucketlift.deliveries.qualtrics.api import Api, segment
from bucketlift.deliveries.qualtrics.csv_rows import csv_line
from bucketlift.deliveries.qualtrics.kinds import has_failed, is_done, unknown, working
from bucketlift.deliveries.qualtrics.rows import Encoded, body_of, in_chunks
from bucketlift.errors import DestinationRefused, NotFound
from bucketlift.model.delivery import Answer, AnswerState, Chunk, Content, Counts
from bucketlift.model.directory.data_targets import ResponsesTarget
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.tabular.transform.response_times import response_text

_ALL = 1 << 31
"""Only the bytes limit the rows of a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    api: Api

    def contents(self, target: ResponsesTarget, rows: RowStream) -> Iterator[Content]:
        header = csv_line([column.name for column in target.columns])
        return in_chunks(_encoded(target, rows), most=_ALL, start=header)

    def send(self, target: ResponsesTarget, chunk: Chunk, content: Content) -> Answer:
        headers = {"Content-Type": "text/csv; charset=UTF-8", "Idempotency-Key": chunk.key}
        result = self.api.change(
            "POST", _imports(target), f"survey {target.survey}", body_of(content), headers
        )
        return working(result.get("progressId"))

    def ask(self, target: ResponsesTarget, chunk: Chunk, content: Content) -> Answer:
        if chunk.job is None:
            return unknown("the answer with the number of the import was lost")
        what = f"import {chunk.job} of the survey {target.survey}"
        try:
            status = self.api.get(f"{_imports(target)}/{segment(chunk.job)}", what)
        except NotFound:
            return unknown(f"the platform no longer knows the {what}")
        if has_failed(status):
            raise DestinationRefused(
                f"The platform refused the import{self._said(status)}",
                to=what,
                hint="Compare the names of the fields with the questions of the survey. Correct the map or the file; then "
                "retry the file.",
            )
        if not is_done(status):
            return working(chunk.job)
        return Answer(state=AnswerState.CONFIRMED, counts=Counts(inserted=content.rows))

    def _said(self, status: Mapping[str, Any]) -> str:
        error = status.get("error")
        found = error if isinstance(error, dict) else status
        return self.api.words.in_brackets(
            *(str(found[key]) for key in ("errorCode", "errorMessage") if found.get(key))
        )


def _encoded(target: ResponsesTarget, rows: RowStream) -> Iterator[Encoded]:
    for batch in rows:
        columns = [
            response_text(batch.column(column.field), column, target).to_pylist() for column in target.columns
        ]
        lines = batch.column(SOURCE_LINE).to_pylist()
        for line, *values in zip(lines, *columns, strict=True):
            yield Encoded(line=line, data=csv_line(values))


def _imports(target: ResponsesTarget) -> str:
    return f"/surveys/{segment(target.survey)}/import-responses"
