"""The form of a load into a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

Document = dict[str, Any]
ROW = re.compile("0|[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One row of the field mapping: a source field, and the column that it fills."""

    field: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    source: str = ""
    to: str = ""
    table: str = ""
    mode: str = "append"
    key: tuple[str, ...] = ()
    lineage: str = "auto"
    mapping: tuple[Mapped, ...] = ()

    @staticmethod
    def posted(form: FormData) -> TableForm:
        text = {name: value for name, value in form.items() if isinstance(value, str)}
        rows = sorted(
            {int(name[6:]) for name in text if name.startswith("field-") and ROW.fullmatch(name[6:])}
        )
        return TableForm(
            source=text.get("source", ""),
            to=text.get("to", ""),
            table=text.get("table", "").strip(),
            mode=text.get("mode", "append"),
            key=tuple(value for value in form.getlist("key") if isinstance(value, str)),
            lineage=text.get("lineage", "auto"),
            mapping=tuple(
                Mapped(field=text[f"field-{row}"], column=text.get(f"column-{row}", "").strip())
                for row in rows
            ),
        )

    @staticmethod
    def of(document: Document, fields: Sequence[str]) -> TableForm:
        """The form for a load of a draft. A field that fills the column of the same name is listed too."""
        columns: Mapping[str, list[str] | str] = document.get("map", {})
        return TableForm(
            source=document.get("from", ""),
            to=document.get("to", ""),
            table=document.get("table", ""),
            mode=document.get("mode", "append"),
            key=tuple(document.get("key", ())),
            lineage=document.get("lineage", "auto"),
            mapping=tuple(
                Mapped(field=field, column=column)
                for field in fields
                for column in _listed(columns.get(field, field))
            ),
        )

    def as_document(self, fields: Sequence[str]) -> Document:
        """The load as it is written in a workflow file, without default values."""
        columns = {
            field: [row.column for row in self.mapping if row.field == field and row.column]
            for field in fields
        }
        optional: Document = {
            "mode": self.mode if self.mode != "append" else None,
            "key": list(self.key) if self.mode == "upsert" else None,
            "map": {field: each for field, each in columns.items() if each != [field]} or None,
            "lineage": self.lineage if self.lineage != "auto" else None,
        }
        return {"from": self.source, "to": self.to, "table": self.table} | {
            name: value for name, value in optional.items() if value is not None
        }

    def with_row(self) -> TableForm:
        return replace(self, mapping=(*self.mapping, Mapped()))

    def without_row(self, row: int) -> TableForm:
        return replace(self, mapping=self.mapping[:row] + self.mapping[row + 1 :])

    def by_name(self, fields: Sequence[str], columns: Sequence[str] | None) -> TableForm:
        """The form with each field mapped to the column of its name. In an existing table, a column with a
        similar name is used, too.
        """
        like = {_folded(column): column for column in columns or ()}
        rows = (Mapped(field=field, column=like.get(_folded(field), field)) for field in fields)
        wanted = [row for row in rows if columns is None or row.column in columns]
        return replace(self, mapping=tuple(wanted))


def _listed(columns: list[str] | str) -> list[str]:
    return [columns] if isinstance(columns, str) else columns


def _folded(name: str) -> str:
    """The form in which names are compared: ``Employee ID`` and ``employee_id`` are the same."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
