"""The type of a transform's field, and the steps that fit each type."""

from __future__ import annotations

from collections.abc import Mapping

from bucketlift.model.transforms.steps import FormatNumber, FormatTime, Parse, Step
from bucketlift.model.transforms.transform import Difference, FromField, OutputField, Unit
from bucketlift.model.types import MAX_PRECISION, TEXT, TypeName, ValueType

_INTEGER = ValueType(name=TypeName.INTEGER)
_INTEGER_DIGITS = 19
_NUMBERS = (TypeName.INTEGER, TypeName.DECIMAL)
_TIMES = (TypeName.DATE, TypeName.TIMESTAMP)


class StepConflict(Exception):
    """A step cannot be applied to the type of its value.

    ``step`` counts from 0; None if the origin of the field is the problem.
    """

    def __init__(self, what: str, hint: str, *, step: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.step = step


def output_type(output: OutputField, types: Mapping[str, ValueType]) -> ValueType:
    """The type of a field that a transform makes. ``types`` are the types of the source's fields.

    Raises:
        StepConflict: a step cannot be applied to the type of its value.
        KeyError: the source has no such field.
    """
    kind = _type_of_origin(output, types)
    for number, step in enumerate(output.steps):
        kind = _type_after(step, kind, number)
    return kind


def _type_of_origin(output: OutputField, types: Mapping[str, ValueType]) -> ValueType:
    match output.origin:
        case FromField(name=name):
            return types[name]
        case Difference(first=first, second=second, unit=unit):
            return _difference(types[first], types[second], unit)
        case _:
            return TEXT


def _type_after(step: Step, before: ValueType, number: int) -> ValueType:
    match step:
        case Parse(field=field):
            return field.value_type
        case FormatTime(format=form, timezone=zone):
            _require(before, _TIMES, "format", number)
            if before.name is TypeName.DATE and _has_clock(form):
                raise StepConflict(
                    "a date has no time of day", "Leave the time out of `format`.", step=number
                )
            if zone is not None and not before.zoned:
                what = "`timezone` needs a timestamp that has a zone"
                raise StepConflict(what, "Leave `timezone` out: the value is a local time.", step=number)
        case FormatNumber():
            _require(before, _NUMBERS, "format_number", number)
    return TEXT


def _require(before: ValueType, allowed: tuple[TypeName, ...], step: str, number: int) -> None:
    if before.name in allowed:
        return
    example = "{type: date}" if step == "format" else "{type: decimal, scale: 2}"
    hint = f"Before this step, add a step that converts the text to such a value: {{parse: {example}}}."
    raise StepConflict(
        f"`{step}` needs a value of type {' or '.join(allowed)}, but this value is of type {before.name}",
        hint if before.name is TypeName.TEXT else "Leave the step out.",
        step=number,
    )


def _has_clock(form: str) -> bool:
    letters = form.replace("%%", "")
    return any(f"%{letter}" in letters for letter in "HIpMSfz")


def _difference(first: ValueType, second: ValueType, unit: Unit | None) -> ValueType:
    if unit is not None:
        if first.name not in _TIMES or (first.name, first.zoned) != (second.name, second.zoned):
            raise StepConflict(
                f"a difference in {unit} needs two dates, or two timestamps of one kind; these are of type "
                f"{_named(first)} and {_named(second)}",
                "First convert both values to one type: with `fields` of the extract, or with a transform before this one.",
            )
        return _INTEGER
    if first.name not in _NUMBERS or second.name not in _NUMBERS:
        raise StepConflict(
            f"a difference without `in` needs two numbers; these are of type {_named(first)} and {_named(second)}",
            "For dates, add `in: days`, `in: months` or `in: years`. If they are texts, first convert them to numbers: with `fields` of "
            "the extract, or with a transform before this one.",
        )
    if first.name is second.name is TypeName.INTEGER:
        return _INTEGER
    scale = max(_scale(first), _scale(second))
    whole = max(_digits(first) - _scale(first), _digits(second) - _scale(second)) + 1
    return ValueType(name=TypeName.DECIMAL, precision=min(MAX_PRECISION, whole + scale), scale=scale)


def _named(kind: ValueType) -> str:
    return f"{kind.name} with a zone" if kind.zoned else str(kind.name)


def _scale(kind: ValueType) -> int:
    return kind.scale if kind.name is TypeName.DECIMAL else 0


def _digits(kind: ValueType) -> int:
    return kind.precision if kind.name is TypeName.DECIMAL else _INTEGER_DIGITS
