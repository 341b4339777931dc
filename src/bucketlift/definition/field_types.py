"""The fields of a task, typed as the file says; what does not go together is a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.fields import FieldShape
from bucketlift.definition.problems import Path
from bucketlift.definition.shape import form_of
from bucketlift.definition.writing import wrong_writing
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field
from bucketlift.model.types import TypeName
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
_TEXT = FieldShape()


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
        _typed(field.name, nulls, shapes.get(field.name, _TEXT), (*path, field.name), compiling)
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


def _typed(name: str, nulls: tuple[str, ...], shape: FieldShape, path: Path, compiling: Compiling) -> Field:
    said = {key: getattr(shape, key) for key in shape.model_fields_set}
    made = Field(**{"name": name, "null_words": nulls, **said})
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
    for key in form_of(field):
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
