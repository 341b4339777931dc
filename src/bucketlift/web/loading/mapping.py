"""The field mapping in the form of a load: source fields, and the targets that they fill."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

Document = dict[str, Any]
ROW = re.compile("0|[1-9][0-9]{0,5}")
_NUMBER = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One row of the field mapping: a source field, and the column or directory field that it fills."""

    field: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    rows: tuple[Mapped, ...] = ()

    @staticmethod
    def posted(form: FormData) -> FieldMapping:
        text = posted_texts(form)
        numbers = sorted(
            {int(name[6:]) for name in text if name.startswith("field-") and ROW.fullmatch(name[6:])}
        )
        return FieldMapping(
            rows=tuple(
                Mapped(field=text[f"field-{row}"], column=text.get(f"column-{row}", "").strip())
                for row in numbers
            )
        )

    @staticmethod
    def of(document: Mapping[str, list[str] | str], fields: Sequence[str]) -> FieldMapping:
        """The field mapping of a load in a draft. Fields that fill the target with their own name are
        included.
        """
        return FieldMapping(
            rows=tuple(
                Mapped(field=field, column=column)
                for field in fields
                for column in _listed(document.get(field, field))
            )
        )

    def as_document(self, fields: Sequence[str]) -> dict[str, list[str]]:
        """The field mapping in the form of a workflow file. Fields that fill only the target with their own
        name are left out.
        """
        targets = {field: self.targets_of(field) for field in fields}
        return {field: each for field, each in targets.items() if each != [field]}

    def targets_of(self, field: str) -> list[str]:
        return [row.column for row in self.rows if row.field == field and row.column]

    @property
    def targets(self) -> list[str]:
        """All targets that source fields fill."""
        return list(dict.fromkeys(row.column for row in self.rows if row.field and row.column))

    def without(self, field: str) -> FieldMapping:
        return FieldMapping(rows=tuple(row for row in self.rows if row.field != field))

    def changed(self, doing: str) -> FieldMapping:
        """The field mapping after a click on a button. ``doing``: ``add`` or ``remove:3``, for example."""
        word, _, row = doing.partition(":")
        if word == "add":
            return replace(self, rows=(*self.rows, Mapped()))
        if word == "remove" and ROW.fullmatch(row):
            return replace(self, rows=self.rows[: int(row)] + self.rows[int(row) + 1 :])
        return self


def by_name(fields: Sequence[str], targets: Sequence[str] | None, *, only: bool) -> FieldMapping:
    """Map each field to the target with the same name or a similar name.

    ``only``: leave out fields without such a target; otherwise, each of them fills a new target with its own
    name. ``targets`` is None if the targets are not known.
    """
    like = {folded(target): target for target in targets or ()}
    rows = (Mapped(field=field, column=like.get(folded(field), field)) for field in fields)
    wanted = [row for row in rows if not only or targets is None or row.column in targets]
    return FieldMapping(rows=tuple(wanted))


def posted_texts(form: FormData) -> dict[str, str]:
    """The inputs of a form without uploaded files. If an input occurs several times, its last value."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


def given(optional: Mapping[str, Any]) -> Document:
    """The settings that have a value. The others are left out of a workflow file."""
    return {name: value for name, value in optional.items() if value}


def whole_number(text: str) -> int | str:
    """The number that was typed. Another text stays as it is, so that a check of the document refuses it."""
    return int(text) if _NUMBER.fullmatch(text) else text


def folded(name: str) -> str:
    """The name without case, spaces and punctuation, for comparisons. ``Employee ID`` and ``employee_id``
    give the same result.
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _listed(columns: list[str] | str) -> list[str]:
    return [columns] if isinstance(columns, str) else columns
