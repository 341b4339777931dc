"""The form of a load of employees into a directory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from bucketlift.model.directory.targets import IDENTIFIER
from bucketlift.web.loading.mapping import Document, FieldMapping, by_name, folded, given, posted_texts

_IDENTIFIERS = ("uniqueidentifier", "uniqueid", "employeeid", "personid", "id")
"""The names of source fields that the form proposes as the key. The first name that exists is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployeesForm:
    """The inputs of a load of employees. The key always fills the unique identifier; ``mapping`` has all
    other targets that fields fill.
    """

    source: str = ""
    to: str = ""
    key: str = ""
    directory: str = ""
    """On the hosted platform, the employee directory. It or ``project`` is set."""
    project: str = ""
    mapping: FieldMapping = field(default_factory=FieldMapping)

    @staticmethod
    def new(source: str, to: str, workflow: str) -> EmployeesForm:  # noqa: ARG004 - the same for all kinds of loads
        return EmployeesForm(source=source, to=to)

    @staticmethod
    def posted(form: FormData) -> EmployeesForm:
        text = posted_texts(form)
        return EmployeesForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            key=text.get("key", ""),
            directory=text.get("directory", "").strip(),
            project=text.get("project", "").strip(),
            mapping=FieldMapping.posted(form),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> EmployeesForm:
        key, targets = document.get("key", ""), document.get("map", {})
        return EmployeesForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            key=key,
            directory=document.get("directory") or "",
            project=document.get("project") or "",
            mapping=FieldMapping.of({key: [], **targets}, fields),
        )

    @property
    def name(self) -> str:
        """The name from which the ID of a new task is made."""
        return "employees"

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load in the form of a workflow file, without default values."""
        others = self.mapping.as_document([name for name in fields if name != self.key])
        more = [name for name in self.mapping.targets_of(self.key) if name != IDENTIFIER]
        mapped = others | ({self.key: more} if more else {})
        optional = {"directory": self.directory, "project": self.project, "map": mapped}
        return {"from": self.source, "to": self.to, "key": self.key} | given(optional)

    def faults(self) -> Iterator[str]:
        """Yield no problems, because a check of the document finds all problems of this form."""
        return iter(())

    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> EmployeesForm:
        """Map all fields except the key by their names. If the directory has no field with the name, the
        field becomes metadata.
        """
        key = self.key if self.key in fields else _usual_key(fields)
        others = [name for name in fields if name != key]
        return replace(self, key=key, mapping=by_name(others, targets, only=False))

    def changed(self, doing: str) -> EmployeesForm:
        if doing == "key":
            return replace(self, mapping=self.mapping.without(self.key))
        return replace(self, mapping=self.mapping.changed(doing))


def _usual_key(fields: Sequence[str]) -> str:
    """The field whose name suggests that it identifies an employee; empty if there is none."""
    names = {folded(name): name for name in fields}
    return next((names[usual] for usual in _IDENTIFIERS if usual in names), "")
