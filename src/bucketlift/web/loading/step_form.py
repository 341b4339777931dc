"""The inputs of a form for the steps of a transform."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bucketlift.model.transforms.steps import Case, Unmapped
from bucketlift.model.types import TypeName
from bucketlift.web.json_inputs import json_of

Document = dict[str, Any]
InputKind = Literal["text", "number", "check", "choice", "pairs"]
NULL = "\\N"
MORE = "more"
"""The name of the input that contains, as JSON, all settings without an own input."""
_WHOLE = re.compile("-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    key: str
    label: str
    kind: InputKind = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    title: str
    inputs: tuple[Input, ...] = ()
    plain: bool = False
    """Whether the step has only one setting, whose name is not written."""


_SIGNS = (
    Input(key="scale", label="Decimal places", kind="number"),
    Input(key="decimal_point", label="Decimal point", kind="choice", choices=("", ".", ",")),
    Input(key="thousands", label="Thousands separator"),
)
OPERATIONS: Mapping[str, Operation] = {
    "trim": Operation(title="Trim blanks"),
    "case": Operation(
        title="Change case",
        inputs=(Input(key="case", label="Case", kind="choice", choices=tuple(Case)),),
        plain=True,
    ),
    "prefix": Operation(title="Add before", inputs=(Input(key="prefix", label="Text before"),), plain=True),
    "suffix": Operation(title="Add after", inputs=(Input(key="suffix", label="Text after"),), plain=True),
    "replace": Operation(
        title="Replace text",
        inputs=(
            Input(key="text", label="Text to replace"),
            Input(key="by", label="Replace by"),
            Input(key="whole", label="Only whole values", kind="check"),
            Input(key="regex", label="Regular expression", kind="check"),
        ),
    ),
    "split": Operation(
        title="Split",
        inputs=(
            Input(key="by", label="Delimiter"),
            Input(key="length", label="Or characters per part", kind="number"),
            Input(key="part", label="Part to keep", kind="number"),
        ),
    ),
    "substring": Operation(
        title="Part of the text",
        inputs=(
            Input(key="start", label="From character", kind="number"),
            Input(key="length", label="Number of characters", kind="number"),
        ),
    ),
    "values": Operation(
        title="Map values",
        inputs=(
            Input(key="pairs", label="Pairs: value,replacement", kind="pairs"),
            Input(key="unmapped", label="Other values", kind="choice", choices=tuple(Unmapped)),
            Input(key="default", label="Default"),
        ),
    ),
    "parse": Operation(
        title="Make a date, number or boolean",
        inputs=(
            Input(key="type", label="Type", kind="choice", choices=tuple(TypeName)),
            Input(key="format", label="Format"),
            Input(key="timezone", label="Time zone"),
            *_SIGNS,
        ),
    ),
    "format": Operation(
        title="Write a date as text",
        inputs=(Input(key="format", label="Format"), Input(key="timezone", label="Time zone")),
    ),
    "format_number": Operation(title="Write a number as text", inputs=_SIGNS),
}
UNMAPPED = {
    Unmapped.KEEP: "stay as they are",
    Unmapped.EMPTY: "become empty",
    Unmapped.REJECT: "make the row a reject",
    Unmapped.DEFAULT: "become this default",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForm:
    kind: str
    values: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def new(kind: str) -> StepForm:
        first = {"case": "lower", "unmapped": "reject", "type": "date"}
        keys = [each.key for each in OPERATIONS[kind].inputs]
        return StepForm(kind=kind, values={key: first[key] for key in keys if key in first})

    @staticmethod
    def of(step: Any) -> StepForm:
        """The inputs for a step, which is given as in a workflow file."""
        if isinstance(step, str):
            return StepForm(kind=step)
        kind = next((key for key in OPERATIONS if key in step), "trim")
        settings = step.get(kind)
        if kind == "values":
            return StepForm(
                kind=kind, values={"pairs": written_pairs(settings), **_unmapped(step.get("unmapped"))}
            )
        if kind == "format" or OPERATIONS[kind].plain:
            settings = step
        known = {each.key for each in OPERATIONS[kind].inputs}
        more = {key: value for key, value in settings.items() if key not in known}
        values = {key: _text(value) for key, value in settings.items() if key in known}
        return StepForm(kind=kind, values=values | ({MORE: json.dumps(more)} if more else {}))

    def as_document(self) -> Any:
        """The step as it is written in a workflow file. Settings that the user left empty are left out."""
        operation = OPERATIONS[self.kind]
        if not operation.inputs:
            return self.kind
        if self.kind == "values":
            return self._map()
        settings = {each.key: _typed(each, self.values.get(each.key, "")) for each in operation.inputs}
        given = _more(self.values.get(MORE, "")) | {
            key: value for key, value in settings.items() if value not in ("", False)
        }
        if operation.plain:
            return {self.kind: settings[self.kind]}
        return given if self.kind == "format" else {self.kind: given}

    def _map(self) -> Document:
        word = self.values.get("unmapped", "reject")
        unmapped: Any = {"default": self.values.get("default", "")} if word == Unmapped.DEFAULT else word
        return {"values": read_pairs(self.values.get("pairs", "")), "unmapped": unmapped}


def read_pairs(text: str) -> Document:
    """Read the pairs of a value map from a CSV text. Each line has a value and its replacement. The
    replacement `NULL` is null.
    """
    return {row[0]: None if row[1:] == [NULL] else "".join(row[1:2]) for row in _rows(text)}


def wrong_pairs(text: str) -> Iterator[str]:
    """Yield the problems with the lines of a value map."""
    seen = set[str]()
    for row in _rows(text):
        if len(row) != 2:
            yield f"must have two values in each line, separated by a comma; this has {len(row)}: “{', '.join(row)}”"
        elif row[0] in seen:
            yield f"has the value “{row[0]}” more than once"
        seen.add(row[0])


def _rows(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text)) if row]


def written_pairs(pairs: Mapping[str, str | None]) -> str:
    text = io.StringIO()
    rows = ((value, NULL if to is None else to) for value, to in pairs.items())
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _unmapped(value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {"unmapped": Unmapped.DEFAULT.value, "default": str(value.get("default", ""))}
    return {"unmapped": str(value or Unmapped.REJECT)}


def _text(value: Any) -> str:
    return "on" if value is True else "" if value is False else str(value)


def _typed(each: Input, text: str) -> Any:
    if each.kind == "check":
        return text == "on"
    if each.kind == "number" and _WHOLE.fullmatch(text.strip()):
        return int(text)
    return text


def _more(text: str) -> Document:
    found = json_of(text)
    return found if isinstance(found, dict) else {}
