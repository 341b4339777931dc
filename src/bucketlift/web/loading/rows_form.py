"""The form of a load that sends rows to an HTTP receiver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from bucketlift.model.load import DEFAULT_BATCH, ROWS
from bucketlift.web.loading.mapping import Document, FieldMapping, by_name, given, posted_texts, whole_number


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsForm:
    source: str = ""
    to: str = ""
    batch: str = str(DEFAULT_BATCH)
    accept_at_least_once: bool = False
    mapping: FieldMapping = field(default_factory=FieldMapping)

    @staticmethod
    def new(source: str, to: str, workflow: str) -> RowsForm:  # noqa: ARG004 - the same for all kinds of loads
        return RowsForm(source=source, to=to)

    @staticmethod
    def posted(form: FormData) -> RowsForm:
        text = posted_texts(form)
        return RowsForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            batch=text.get("batch", "").strip(),
            accept_at_least_once="accept_at_least_once" in text,
            mapping=FieldMapping.posted(form),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> RowsForm:
        return RowsForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            batch=str(document.get("batch", DEFAULT_BATCH)),
            accept_at_least_once=document.get("accept_at_least_once", False),
            mapping=FieldMapping.of(document.get("map", {}), fields),
        )

    @property
    def name(self) -> str:
        """The name from which the ID of a new task is made."""
        return ROWS

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load in the form of a workflow file, without default values."""
        optional = {
            "map": self.mapping.as_document(fields),
            "accept_at_least_once": self.accept_at_least_once,
        }
        batch = {} if self.batch in ("", str(DEFAULT_BATCH)) else {"batch": whole_number(self.batch)}
        return {"from": self.source, "to": self.to} | batch | given(optional)

    def faults(self) -> Iterator[str]:
        """Yield no problems, because a check of the document finds all problems of this form."""
        return iter(())

    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> RowsForm:
        return replace(self, mapping=by_name(fields, targets, only=False))

    def changed(self, doing: str) -> RowsForm:
        return replace(self, mapping=self.mapping.changed(doing))
