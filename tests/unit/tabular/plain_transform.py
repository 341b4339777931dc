"""The steps of a transform, one row and one value at a time in plain Python: what the vectorised ones must equal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from bucketlift.model.transforms.steps import (
    AddPrefix,
    AddSuffix,
    Case,
    ChangeCase,
    FormatNumber,
    FormatTime,
    MapValues,
    Parse,
    Replace,
    Split,
    Step,
    Substring,
    Trim,
    Unmapped,
)
from bucketlift.model.transforms.transform import (
    Constant,
    Difference,
    EmptyParts,
    FromField,
    Join,
    OutputField,
    Unit,
)
from bucketlift.tabular.types.columns import ColumnReader

Row = dict[str, Any]


class Rejected(Exception):
    """The row is a reject: a reason, and where."""


def plain(row: Row, fields: list[OutputField], task: str) -> Row | tuple[str, str]:
    """The row with its new fields, or the reason and the place of the first step that fails."""
    made: Row = {}
    try:
        for field in fields:
            made[field.name] = _value(row, field, task)
    except Rejected as reject:
        return (reject.args[0], reject.args[1])
    return row | made


def _value(row: Row, field: OutputField, task: str) -> Any:
    where: str = field.origin.kind
    try:
        value = _origin(row, field.origin)
        for number, step in enumerate(field.steps, start=1):
            where = f"step {number}: {step.kind}"
            value = None if value is None else _step(value, step)
    except ValueError as error:
        raise Rejected(str(error), f"{field.name} ({task}, {where})") from None
    if field.required and value in (None, ""):
        raise Rejected("required", f"{field.name} ({task})")
    return value


def _origin(row: Row, origin: Any) -> Any:
    match origin:
        case FromField(name=name):
            return row[name]
        case Constant(text=text):
            return text
        case Join(names=names, separator=separator, empty=empty):
            parts = [None if row[name] is None else _text(row[name]) for name in names]
            if all(part is None for part in parts):
                return None
            kept = [part or "" for part in parts if part or empty is EmptyParts.KEEP]
            return separator.join(kept)
        case Difference(first=first, second=second, unit=unit):
            if row[first] is None or row[second] is None:
                return None
            return _difference(row[first], row[second], unit)


def _difference(one: Any, other: Any, unit: Unit | None) -> Any:
    if unit is None:
        found = one - other
        if isinstance(found, int) and not -(2**63) <= found < 2**63:
            raise ValueError("out-of-range")
        return found
    if unit is Unit.DAYS:
        return (one - other).days
    if one < other:
        return -_difference(other, one, unit)
    months = (one.year - other.year) * 12 + one.month - other.month - (one.day < other.day)
    return months if unit is Unit.MONTHS else months // 12


def _step(value: Any, step: Step) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case for each step
    match step:
        case FormatTime(format=form):
            return value.strftime(form)
        case FormatNumber():
            return _number(value, step)
    text = _text(value)
    match step:
        case Trim():
            return text.strip()
        case ChangeCase(case=case):
            return _case(text, case)
        case AddPrefix(prefix=prefix):
            return prefix + text
        case AddSuffix(suffix=suffix):
            return text + suffix
        case Replace(text=wanted, by=by, whole=whole, regex=regex):
            if regex:
                return re.sub(rf"\A(?:{wanted})\Z" if whole else wanted, by, text)
            return (by if text == wanted else text) if whole else text.replace(wanted, by)
        case Split(part=part, by=by, length=length):
            parts = text.split(by) if by else _cut(text, length or 1)
            if abs(part) > len(parts):
                raise ValueError("no-such-part")
            return parts[part - 1 if part > 0 else part]
        case Substring(start=start, length=length):
            if abs(start) > len(text):
                raise ValueError("past-the-end")
            rest = text[start - 1 if start > 0 else start :]
            return rest if length is None else rest[:length]
        case MapValues(pairs=pairs, unmapped=unmapped, default=default):
            known = dict(pairs)
            if text in known:
                return known[text]
            if unmapped is Unmapped.REJECT:
                raise ValueError("unmapped-value")
            return {Unmapped.KEEP: text, Unmapped.EMPTY: "", Unmapped.DEFAULT: default}[unmapped]
        case Parse(field=field):
            reader = ColumnReader.of(field)
            if field.type == "text":
                return None if text in field.null_words else text
            found = reader.cell(text)
            if not isinstance(found, str):
                return found
            raise ValueError(found)


def _cut(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (
        value.isoformat()
        if isinstance(value, date)
        else f"{value:f}"
        if isinstance(value, Decimal)
        else str(value)
    )


def _case(text: str, case: Case) -> str:
    if case is not Case.TITLE:
        return text.lower() if case is Case.LOWER else text.upper()
    return "".join(
        word.capitalize()
        for word in re.findall(r"(?:[^\W_](?:[^\W_]|[\u0300-\u036f])*)|[\W_]+?", text, re.DOTALL)
    )


def _number(value: Any, step: FormatNumber) -> str:
    if step.scale is not None and round(value, step.scale) != value:
        raise ValueError("too-precise")
    own = max(0, -int(Decimal(value).as_tuple().exponent))
    places = own if step.scale is None else step.scale
    sign, digits = ("-" if value < 0 else ""), f"{abs(value):,.{places}f}"
    return sign + digits.translate({ord(","): step.thousands or "", ord("."): step.decimal_point})
