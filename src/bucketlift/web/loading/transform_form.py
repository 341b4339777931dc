"""The form of a transform: its fields, each with an origin and steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from starlette.datastructures import FormData

from bucketlift.model.transforms.transform import Unit
from bucketlift.web.loading.step_form import OPERATIONS, StepForm, wrong_pairs

Document = dict[str, Any]
ORIGINS = {
    "from": "a field",
    "join": "several fields, joined",
    "value": "the same text in every row",
    "difference": "the difference of two fields",
}
UNITS = ("", *Unit)
_SHOWN = 3
_FIELD = re.compile(r"name-([0-9]{1,4})")
_STEP = re.compile(r"step-([0-9]{1,4})\.([0-9]{1,4})")
_TYPE = (
    "type",
    "format",
    "timezone",
    "precision",
    "scale",
    "decimal_point",
    "thousands",
    "negative",
    "strip",
)
_TYPE_KEYS = (*_TYPE, "zone_names", "true", "false", "null")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldForm:
    name: str = ""
    origin: str = "from"
    source: str = ""
    parts: tuple[str, ...] = ()
    separator: str = " "
    empty: bool = False
    """Whether empty parts of a join keep their position."""
    text: str = ""
    second: str = ""
    unit: str = ""
    required: bool = False
    steps: tuple[StepForm, ...] = ()

    @staticmethod
    def of(name: str, document: Document) -> FieldForm:
        """The form for a field of the document. A map and a type at the end of the field are shown as steps."""
        steps = [StepForm.of(each) for each in document.get("steps", ())]
        if "values" in document:
            steps.append(
                StepForm.of({key: document[key] for key in ("values", "unmapped") if key in document})
            )
        if kind := {key: document[key] for key in _TYPE_KEYS if key in document}:
            steps.append(StepForm.of({"parse": {"type": "text"} | kind}))
        first, second = (*document.get("difference", ()), "", "")[:2]
        return FieldForm(
            name=name,
            origin=next((key for key in ORIGINS if key in document), "from"),
            source=document.get("from", first),
            parts=tuple(document.get("join", ())),
            separator=document.get("with", ""),
            empty=document.get("empty") == "keep",
            text=document.get("value", ""),
            second=second,
            unit=document.get("in", ""),
            required=bool(document.get("required")),
            steps=tuple(steps),
        )

    def as_document(self) -> Document:
        steps = [each.as_document() for each in self.steps]
        more: Document = {"required": True} if self.required else {}
        return self._origin() | more | ({"steps": steps} if steps else {})

    def _origin(self) -> Document:
        match self.origin:
            case "join":
                keep = {"empty": "keep"} if self.empty else {}
                return {"join": list(self.parts), "with": self.separator} | keep
            case "value":
                return {"value": self.text}
            case "difference":
                unit = {"in": self.unit} if self.unit else {}
                return {"difference": [self.source, self.second]} | unit
            case _:
                return {"from": self.source}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformForm:
    source: str = ""
    fields: tuple[FieldForm, ...] = field(default=(FieldForm(),))

    @staticmethod
    def of(document: Document) -> TransformForm:
        fields = document.get("fields", {}).items()
        return TransformForm(
            source=document.get("from", ""), fields=tuple(FieldForm.of(name, each) for name, each in fields)
        )

    @staticmethod
    def posted(form: FormData) -> TransformForm:
        text = {name: value for name, value in form.items() if isinstance(value, str)}
        rows = sorted({int(found[1]) for name in text if (found := _FIELD.fullmatch(name))})
        fields = tuple(_posted_field(row, text, form) for row in rows)
        return TransformForm(source=text.get("source", ""), fields=fields)

    def as_document(self) -> Document:
        return {
            "from": self.source,
            "fields": {each.name.strip(): each.as_document() for each in self.fields},
        }

    def faults(self) -> list[str]:
        """The problems that the document cannot contain: two fields with the same name, or a value that a map
        has twice.
        """
        names = [each.name.strip() for each in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        wrong = [f"Two fields are named “{name}”" for name in twice]
        for each in self.fields:
            for step in each.steps:
                lines = islice(wrong_pairs(step.values.get("pairs", "")), _SHOWN)
                wrong += [f"The map of “{each.name}” {line}" for line in lines]
        return wrong

    def changed(self, doing: str, fields: Sequence[str]) -> TransformForm:
        """The form after a click on a button. ``doing`` is the button's name: ``add``, ``remove:0``,
        ``step:0:trim``, ``unstep:0.1``, ``up:0.1``.
        """
        word, _, rest = doing.partition(":")
        numbers = [int(each) for each in re.findall(r"\d{1,4}", rest)]
        match word, numbers:
            case "add", _:
                first = next((name for name in fields if name not in {each.name for each in self.fields}), "")
                return replace(self, fields=(*self.fields, FieldForm(name=first, source=first)))
            case "remove", [row]:
                return replace(self, fields=(*self.fields[:row], *self.fields[row + 1 :]))
            case "step", [row] if (kind := rest.partition(":")[2]) in OPERATIONS:
                return self._with(row, lambda steps: (*steps, StepForm.new(kind)))
            case "unstep", [row, step]:
                return self._with(row, lambda steps: (*steps[:step], *steps[step + 1 :]))
            case "up", [row, step] if step:
                return self._with(row, lambda steps: _swapped(steps, step))
            case _:
                return self

    def with_pairs(self, row: int, step: int, pairs: str) -> TransformForm:
        def filled(steps: tuple[StepForm, ...]) -> tuple[StepForm, ...]:
            return tuple(
                replace(each, values={**each.values, "pairs": pairs}) if at == step else each
                for at, each in enumerate(steps)
            )

        return self._with(row, filled)

    def _with(self, row: int, change: Any) -> TransformForm:
        return replace(
            self,
            fields=tuple(
                replace(each, steps=change(each.steps)) if at == row else each
                for at, each in enumerate(self.fields)
            ),
        )


def _swapped(steps: tuple[StepForm, ...], step: int) -> tuple[StepForm, ...]:
    if step >= len(steps):
        return steps
    return (*steps[: step - 1], steps[step], steps[step - 1], *steps[step + 1 :])


def _posted_field(row: int, text: Mapping[str, str], form: FormData) -> FieldForm:
    steps = sorted(
        {int(found[2]) for name in text if (found := _STEP.fullmatch(name)) and int(found[1]) == row}
    )
    return FieldForm(
        name=text.get(f"name-{row}", ""),
        origin=text.get(f"origin-{row}", "from"),
        source=text.get(f"from-{row}", ""),
        parts=tuple(each for each in form.getlist(f"join-{row}") if isinstance(each, str) and each),
        separator=text.get(f"with-{row}", ""),
        empty=text.get(f"empty-{row}") == "on",
        text=text.get(f"value-{row}", ""),
        second=text.get(f"second-{row}", ""),
        unit=text.get(f"in-{row}", ""),
        required=text.get(f"required-{row}") == "on",
        steps=tuple(
            StepForm(kind=text[f"step-{row}.{step}"], values=_posted_values(f"set-{row}.{step}.", text))
            for step in steps
            if text[f"step-{row}.{step}"] in OPERATIONS
        ),
    )


def _posted_values(prefix: str, text: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in text.items() if name.startswith(prefix)}
