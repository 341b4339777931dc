"""Sets the types of a task's fields, as the file gives them. Conflicts become problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.yaml.problems import Path
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Field
from bucketlift.schema.fields import FieldShape
from bucketlift.schema.shape import to_mapping
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.types.columns import ColumnReader
from bucketlift.tabular.types.field_settings import wrong_settings

_TEXT = FieldShape()


def typed_fields(
    fields: tuple[Field, ...],
    shapes: Mapping[str, FieldShape],
    nulls: tuple[str, ...],
    path: Path,
    compilation: Compilation,
) -> tuple[Field, ...]:
    """The sample's fields with their settings from the file. ``nulls``: the null words of fields that have no
    null words of their own.
    """
    for name in shapes:
        compilation.check_known(name, [field.name for field in fields], (*path, name), "field")
    typed = tuple(
        _typed(field.name, nulls, shapes.get(field.name, _TEXT), (*path, field.name), compilation)
        for field in fields
    )
    _check_aliases(typed, path, compilation)
    return typed


def _check_aliases(fields: tuple[Field, ...], path: Path, compilation: Compilation) -> None:
    """Check that each name, with the aliases, means only one field."""
    owners = {fold(field.name): field.name for field in fields}
    for field in fields:
        for alias in field.aliases:
            owner = owners.setdefault(fold(alias), field.name)
            if owner != field.name or not alias.strip():
                what = f"`{alias}` is already a name of `{owner}`" if alias.strip() else "an alias is empty"
                compilation.add_problem(what, (*path, field.name, "aliases"), "Give each name to one field.")


def _typed(
    name: str, nulls: tuple[str, ...], shape: FieldShape, path: Path, compilation: Compilation
) -> Field:
    given = {key: getattr(shape, key) for key in shape.model_fields_set}
    return typed_field(name, {"null_words": nulls, **given}, path, compilation)


def typed_field(name: str, settings: Mapping[str, Any], path: Path, compilation: Compilation) -> Field:
    """A field with these settings. Conflicts become problems."""
    made = Field(name=name, **settings)
    wrong = list(wrong_settings(made, to_mapping(made)))
    for key, what, hint in wrong:
        compilation.add_problem(what, (*path, key) if key else path, hint)
    if not wrong:
        try:
            ColumnReader.of(made)
        except RequestWrong as error:
            compilation.add_error(error, (*path, "format"))
    return made
