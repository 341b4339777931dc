"""The form of a load that writes files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from starlette.datastructures import FormData

from bucketlift.model.objects.file_format import (
    ObjectCompression,
    ObjectFormat,
    ObjectLineEnd,
    Quoting,
)
from bucketlift.model.objects.target import DEFAULT_NAME, OBJECTS
from bucketlift.model.source import OnCollision
from bucketlift.web.loading.mapping import Document, FieldMapping, by_name, given, posted_texts

TEXT_FORMATS = (ObjectFormat.CSV.value, ObjectFormat.TSV.value)
"""The formats of files that have a dialect."""
YES = "yes"
_ESCAPED = re.compile(r"\\([\\t])")


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectInputs:
    """The inputs for the dialect of a CSV or TSV file."""

    delimiter: str = ""
    """The delimiter with a tab as ``\\t`` and a backslash as ``\\\\``. Empty: the usual one of the format."""
    quote: str = '"'
    quoting: str = Quoting.NEEDED.value
    header: bool = True
    line_end: str = ObjectLineEnd.LF.value
    bom: bool = False
    null_text: str = ""

    @staticmethod
    def posted(text: Mapping[str, str]) -> DialectInputs:
        own = {each: text[f"dialect-{each}"] for each in _names() if f"dialect-{each}" in text}
        return _inputs(own | {each: own[each] == YES for each in ("header", "bom") if each in own})

    @staticmethod
    def of(document: Document) -> DialectInputs:
        delimiter = (document.get("delimiter") or "").replace("\\", r"\\").replace("\t", r"\t")
        return _inputs(document | {"delimiter": delimiter})

    def as_document(self) -> Document:
        """The settings that differ from the default values."""
        usual = DialectInputs()
        own = {name: getattr(self, name) for name in _names()}
        changed = {name: value for name, value in own.items() if value != getattr(usual, name)}
        if "delimiter" in changed:
            changed["delimiter"] = _ESCAPED.sub(_unescaped, self.delimiter)
        return changed


def _names() -> list[str]:
    return [each.name for each in fields(DialectInputs)]


def _inputs(values: Mapping[str, Any]) -> DialectInputs:
    return DialectInputs(**{name: value for name, value in values.items() if name in _names()})


def _unescaped(found: re.Match[str]) -> str:
    return "\t" if found[1] == "t" else "\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsForm:
    source: str = ""
    to: str = ""
    format: str = ObjectFormat.CSV.value
    template: str = DEFAULT_NAME
    """The template of the files' names."""
    compression: str = ObjectCompression.NONE.value
    dialect: DialectInputs = field(default_factory=DialectInputs)
    recipients: tuple[str, ...] = ()
    """The names of the PGP keys that the files are encrypted for."""
    on_collision: str = OnCollision.SUFFIX.value
    mapping: FieldMapping = field(default_factory=FieldMapping)

    @staticmethod
    def new(source: str, to: str, workflow: str) -> ObjectsForm:  # noqa: ARG004 - the same for all kinds of loads
        return ObjectsForm(source=source, to=to)

    @staticmethod
    def posted(form: FormData) -> ObjectsForm:
        text = posted_texts(form)
        return ObjectsForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            format=text.get("format", ""),
            template=text.get("name", ""),
            compression=text.get("compression", ""),
            dialect=DialectInputs.posted(text),
            recipients=tuple(each for each in form.getlist("recipients") if isinstance(each, str)),
            on_collision=text.get("on_collision", ""),
            mapping=FieldMapping.posted(form),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> ObjectsForm:
        return ObjectsForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            format=document.get("format", ""),
            template=document.get("name", DEFAULT_NAME),
            compression=document.get("compression", ObjectCompression.NONE.value),
            dialect=DialectInputs.of(document.get("dialect", {})),
            recipients=tuple((document.get("pgp") or {}).get("recipients", ())),
            on_collision=document.get("on_collision", OnCollision.SUFFIX.value),
            mapping=FieldMapping.of(document.get("map", {}), fields),
        )

    @property
    def name(self) -> str:
        """The name from which the ID of a new task is made."""
        return OBJECTS

    @property
    def is_text(self) -> bool:
        return self.format in TEXT_FORMATS

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load in the form of a workflow file, without default values."""
        usual = ObjectsForm()
        chosen = {"name": self.template, "compression": self.compression, "on_collision": self.on_collision}
        usually = {
            "name": usual.template,
            "compression": usual.compression,
            "on_collision": usual.on_collision,
        }
        optional = {
            "dialect": self.dialect.as_document() if self.is_text else None,
            "pgp": {"recipients": [*self.recipients]} if self.recipients else None,
            "map": self.mapping.as_document(fields),
        }
        return (
            {"from": self.source, "to": self.to, "format": self.format}
            | {name: value for name, value in chosen.items() if value != usually[name]}
            | given(optional)
        )

    def faults(self) -> Iterator[str]:
        """Yield no problems, because a check of the document finds all problems of this form."""
        return iter(())

    def by_name(self, fields: Sequence[str], targets: Sequence[str] | None) -> ObjectsForm:
        return replace(self, mapping=by_name(fields, targets, only=False))

    def changed(self, doing: str) -> ObjectsForm:
        return replace(self, mapping=self.mapping.changed(doing))
