"""The types of fields in the file: what the person chose who looked at the sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic import Field as Key

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.problems import Path
from bucketlift.definition.schedules import ZoneText
from bucketlift.definition.shape import Shape, Text
from bucketlift.definition.writing import wrong_writing
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Field, Negative
from bucketlift.model.types import MAX_PRECISION, TypeName
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.types.columns import ColumnReader
from bucketlift.tabular.types.values import boolean_words

_GOES_WITH = {
    "format": (TypeName.DATE, TypeName.TIMESTAMP),
    "timezone": (TypeName.TIMESTAMP,),
    "precision": (TypeName.DECIMAL,),
    "scale": (TypeName.DECIMAL,),
    "decimal_point": (TypeName.DECIMAL,),
    "thousands": (TypeName.INTEGER, TypeName.DECIMAL),
    "negative": (TypeName.INTEGER, TypeName.DECIMAL),
    "zone_names": (TypeName.TIMESTAMP,),
    "true": (TypeName.BOOLEAN,),
    "false": (TypeName.BOOLEAN,),
}


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=list[str] | str)]


class FieldShape(Shape):
    """The type and notation of a field's values. A value that does not fit the type makes its row a reject."""

    aliases: Words = Key(default_factory=list)
    type: Literal["text", "integer", "decimal", "date", "timestamp", "boolean"] = "text"
    format: Annotated[Text, Key(examples=["%Y-%m-%d"])] | None = None
    timezone: ZoneText | None = None
    precision: Annotated[int, Key(ge=1, le=MAX_PRECISION)] | None = None
    scale: Annotated[int, Key(ge=0, le=MAX_PRECISION)] | None = None
    decimal_point: Literal[".", ","] | None = None
    thousands: Annotated[str, Key(min_length=1, max_length=1, examples=[",", ".", " ", "'"])] | None = None
    negative: Annotated[
        list[Literal["parentheses", "trailing", "unicode-minus"]],
        BeforeValidator(_as_list, json_schema_input_type=list[str] | str),
    ] = Key(default_factory=list)
    strip: Words = Key(default_factory=list)
    zone_names: dict[Text, ZoneText] = Key(default_factory=dict)
    true_words: Words = Key(default_factory=list, alias="true")
    false_words: Words = Key(default_factory=list, alias="false")
    null_words: Words = Key(default_factory=list, alias="null")


def typed_fields(
    fields: tuple[Field, ...],
    shapes: Mapping[str, FieldShape],
    nulls: tuple[str, ...],
    path: Path,
    compiling: Compiling,
) -> tuple[Field, ...]:
    """The sample's fields with what the file says of them, and the null words of those that name none."""
    for name in shapes:
        compiling.known(name, [field.name for field in fields], (*path, name), "field")
    typed = tuple(
        _typed(replace(field, null_words=nulls), shapes[field.name], (*path, field.name), compiling)
        if field.name in shapes
        else replace(field, null_words=nulls)
        for field in fields
    )
    _check_aliases(typed, path, compiling)
    return typed


def _check_aliases(fields: tuple[Field, ...], path: Path, compiling: Compiling) -> None:
    """No name may mean two fields."""
    owners = {fold(field.name): field.name for field in fields}
    for field in fields:
        for alias in field.aliases:
            owner = owners.setdefault(fold(alias), field.name)
            if owner != field.name or not alias.strip():
                what = (
                    f"`{alias}` is a name of `{owner}` already" if alias.strip() else "an alias has no name"
                )
                compiling.wrong(what, (*path, field.name, "aliases"), "Give each name to one field.")


def _typed(field: Field, shape: FieldShape, path: Path, compiling: Compiling) -> Field:
    made = replace(
        field,
        aliases=tuple(shape.aliases),
        type=TypeName(shape.type),
        format=shape.format,
        timezone=shape.timezone,
        precision=shape.precision,
        scale=shape.scale,
        decimal_point=shape.decimal_point,
        thousands=shape.thousands,
        negative=tuple(map(Negative, shape.negative)),
        strip=tuple(shape.strip),
        zone_names=tuple(shape.zone_names.items()),
        true_words=tuple(shape.true_words),
        false_words=tuple(shape.false_words),
        null_words=tuple(shape.null_words) if "null_words" in shape.model_fields_set else field.null_words,
    )
    wrong = [
        *_misplaced(made),
        *_wrong_number(made),
        *_wrong_zone(made),
        *_wrong_words(made),
        *wrong_writing(made),
    ]
    for key, what, hint in wrong:
        compiling.wrong(what, (*path, key) if key else path, hint)
    if not wrong:
        try:
            ColumnReader.of(made)
        except RequestWrong as error:
            compiling.wrong_as(error, (*path, "format"))
    return made


def _misplaced(field: Field) -> Iterator[tuple[str, str, str]]:
    """(key, what, hint) of keys that say nothing about the field's type."""
    for key in _form(field):
        types = _GOES_WITH.get(key, tuple(TypeName))
        if field.type not in types:
            yield (
                key,
                f"`{key}` does not go with `type: {field.type}`",
                f"It goes with {' and '.join(types)}.",
            )


def _wrong_number(field: Field) -> Iterator[tuple[str, str, str]]:
    if field.type is not TypeName.DECIMAL:
        return
    if field.scale is None:
        yield "", "`scale` is missing", "Say how many digits a decimal has behind its point: scale: 2."
    elif field.scale > field.value_type.precision:
        hint = "`precision` counts all digits, those behind the point among them."
        yield "scale", "`scale` is larger than `precision`", hint


def _wrong_zone(field: Field) -> Iterator[tuple[str, str, str]]:
    if field.timezone and field.format and replace(field, timezone=None).value_type.zoned:
        what = "`timezone` does not go with a format that has %z or %Z"
        yield "timezone", what, "Leave it out: the values name their offset or their zone."
    if (
        field.type is TypeName.TIMESTAMP
        and field.zone_names
        and "%Z" not in (field.format or "").replace("%%", "")
    ):
        hint = 'Put %Z into `format`, as in "%Y-%m-%d %H:%M:%S %Z", or leave `zone_names` out.'
        yield "zone_names", "`zone_names` needs a format with %Z", hint


def _wrong_words(field: Field) -> Iterator[tuple[str, str, str]]:
    if field.type is not TypeName.BOOLEAN:
        return
    for key, words in (("true", field.true_words), ("false", field.false_words)):
        if "" in words:
            yield key, f"`{key}` names the empty field", "An empty field is null."
    meanings = boolean_words(field)
    for word in field.true_words or ("true",):
        if not meanings[word.casefold()]:
            yield "true", f"`{word}` is both true and false", "Their case does not tell such words apart."
    for word in field.null_words:
        if word.casefold() in meanings:
            meaning = str(meanings[word.casefold()]).lower()
            yield "null", f"`{word}` is both null and {meaning}", "Choose one."


def exported_fields(contract: Contract) -> dict[str, dict[str, Any]]:
    """The fields as the file says them, texts without null words left out."""
    typed = (
        (field.name, ({"type": field.type.value} if field.type is not TypeName.TEXT else {}) | _form(field))
        for field in contract.fields
    )
    return {name: form for name, form in typed if form}


def _form(field: Field) -> dict[str, Any]:
    """The keys beside the type that the file gave."""
    form = {
        "aliases": list(field.aliases) or None,
        "format": field.format,
        "timezone": field.timezone,
        "precision": field.precision,
        "scale": field.scale,
        "decimal_point": field.decimal_point,
        "thousands": field.thousands,
        "negative": [each.value for each in field.negative] or None,
        "strip": list(field.strip) or None,
        "zone_names": dict(field.zone_names) or None,
        "true": list(field.true_words) or None,
        "false": list(field.false_words) or None,
        "null": list(field.null_words) or None,
    }
    return {key: value for key, value in form.items() if value is not None}
