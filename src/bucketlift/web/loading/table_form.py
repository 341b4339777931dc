"""The form of a load into a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from bucketlift.web.loading.mapping import Document, FieldMapping, by_name, posted_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    source: str = ""
    to: str = ""
    table: str = ""
    mode: str = "append"
    key: tuple[str, ...] = ()
    lineage: str = "auto"
    mapping: FieldMapping = field(default_factory=FieldMapping)

    @staticmethod
    def new(source: str, to: str, workflow: str) -> TableForm:
        return TableForm(source=source, to=to, table=workflow.replace("-", "_"))

    @staticmethod
    def posted(form: FormData) -> TableForm:
        text = posted_texts(form)
        return TableForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            table=text.get("table", "").strip(),
            mode=text.get("mode", "append"),
            key=tuple(value for value in form.getlist("key") if isinstance(value, str)),
            lineage=text.get("lineage", "auto"),
            mapping=FieldMapping.posted(form),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> TableForm:
        return TableForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            table=document.get("table", ""),
            mode=document.get("mode", "append"),
            key=tuple(document.get("key", ())),
            lineage=document.get("lineage", "auto"),
            mapping=FieldMapping.of(document.get("map", {}), fields),
        )

    @property
    def name(self) -> str:
        """The name from which the ID of a new task is made."""
        return self.table

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load in the form of a workflow file, without default values."""
        optional: Document = {
            "mode": self.mode if self.mode != "append" else None,
            "key": list(self.key) if self.mode == "upsert" else None,
            "map": self.mapping.as_document(fields) or None,
            "lineage": self.lineage if self.lineage != "auto" else None,
        }
        return {"from": self.source, "to": self.to, "table": self.table} | {
            name: value for name, value in optional.items() if value is not None
        }

    def faults(self) -> Iterator[str]:
        """Yield no problems, because a check of the document finds all problems of this form."""
        return iter(())

    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> TableForm:
        """Map all fields by their names. If the table exists, a field without a column of a similar name is
        left out.
        """
        return replace(self, mapping=by_name(fields, targets, only=True))

    def changed(self, doing: str) -> TableForm:
        return replace(self, mapping=self.mapping.changed(doing))
