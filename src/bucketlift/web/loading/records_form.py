"""The form of a load of records into a data project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from bucketlift.web.loading.mapping import ROW, Document, FieldMapping, by_name, given, posted_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsForm:
    source: str = ""
    to: str = ""
    project: str = ""
    key: str = ""
    """The source field that identifies a record; empty if every row is a new record."""
    types: Mapping[str, str] = field(default_factory=dict)
    """The types of a new project's fields that do not have the type of their source field."""
    accept_at_least_once: bool = False
    mapping: FieldMapping = field(default_factory=FieldMapping)

    @staticmethod
    def new(source: str, to: str, workflow: str) -> RecordsForm:
        return RecordsForm(source=source, to=to, project=workflow)

    @staticmethod
    def posted(form: FormData) -> RecordsForm:
        text = posted_texts(form)
        return RecordsForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            project=text.get("project", "").strip(),
            key=text.get("key", ""),
            types=_posted_types(text),
            accept_at_least_once="accept_at_least_once" in text,
            mapping=FieldMapping.posted(form),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> RecordsForm:
        return RecordsForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            project=document.get("project", ""),
            key=document.get("key") or "",
            types=dict(document.get("types", {})),
            accept_at_least_once=document.get("accept_at_least_once", False),
            mapping=FieldMapping.of(document.get("map", {}), fields),
        )

    @property
    def name(self) -> str:
        """The name from which the ID of a new task is made."""
        return "records"

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load in the form of a workflow file, without default values."""
        optional = {
            "key": self.key,
            "map": self.mapping.as_document(fields),
            "types": {name: kind for name, kind in self.types.items() if name in self.mapping.targets},
            "accept_at_least_once": self.accept_at_least_once,
        }
        return {"from": self.source, "to": self.to, "project": self.project} | given(optional)

    def faults(self) -> Iterator[str]:
        """Yield no problems, because a check of the document finds all problems of this form."""
        return iter(())

    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> RecordsForm:
        """Map all fields by their names. A field without a similar name in the project keeps its own name."""
        return replace(self, mapping=by_name(fields, targets, only=False))

    def changed(self, doing: str) -> RecordsForm:
        return replace(self, mapping=self.mapping.changed(doing))


def _posted_types(text: Mapping[str, str]) -> dict[str, str]:
    """The type of each target for which one was chosen. Each row of the field mapping has an input for it."""
    rows = (name[5:] for name, value in text.items() if name.startswith("type-") and value)
    return {text.get(f"column-{row}", "").strip(): text[f"type-{row}"] for row in rows if ROW.fullmatch(row)}
