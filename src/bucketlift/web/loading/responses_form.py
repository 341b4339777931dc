"""The form of a load of responses to a survey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from bucketlift.web.loading.mapping import Document, FieldMapping, by_name, given, posted_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesForm:
    source: str = ""
    to: str = ""
    survey: str = ""
    time_zone: str = ""
    date_format: str = ""
    mapping: FieldMapping = field(default_factory=FieldMapping)

    @staticmethod
    def new(source: str, to: str, workflow: str) -> ResponsesForm:  # noqa: ARG004 - the same for all kinds of loads
        return ResponsesForm(source=source, to=to)

    @staticmethod
    def posted(form: FormData) -> ResponsesForm:
        text = posted_texts(form)
        return ResponsesForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            survey=text.get("survey", "").strip(),
            time_zone=text.get("time_zone", "").strip(),
            date_format=text.get("date_format", "").strip(),
            mapping=FieldMapping.posted(form),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> ResponsesForm:
        return ResponsesForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            survey=document.get("survey", ""),
            time_zone=document.get("time_zone") or "",
            date_format=document.get("date_format") or "",
            mapping=FieldMapping.of(document.get("map", {}), fields),
        )

    @property
    def name(self) -> str:
        """The name from which the ID of a new task is made."""
        return "responses"

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load in the form of a workflow file, without default values."""
        optional = {
            "time_zone": self.time_zone,
            "date_format": self.date_format,
            "map": self.mapping.as_document(fields),
        }
        return {"from": self.source, "to": self.to, "survey": self.survey} | given(optional)

    def faults(self) -> Iterator[str]:
        """Yield no problems, because a check of the document finds all problems of this form."""
        return iter(())

    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> ResponsesForm:
        """Map all fields by their names. A field without a similar name in the survey keeps its own name."""
        return replace(self, mapping=by_name(fields, targets, only=False))

    def changed(self, doing: str) -> ResponsesForm:
        return replace(self, mapping=self.mapping.changed(doing))
