"""The shape of a field: the type and notation of a column's values."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field as Key

from bucketlift.model.contract import Field, Negative
from bucketlift.model.types import MAX_PRECISION, TypeName
from bucketlift.schema.schedules import ZoneText
from bucketlift.schema.shape import Shape
from bucketlift.schema.values import Choice, Converted, OneOrMore, Text

_Pairs = tuple[tuple[str, str], ...]


class TypeShape(Shape):
    """A type, and the notation of its values. If a value does not fit the type, its row is a reject."""

    type: Choice[TypeName] = TypeName.TEXT
    format: Annotated[Text, Key(examples=["%Y-%m-%d"])] | None = None
    timezone: ZoneText | None = None
    precision: Annotated[int, Key(ge=1, le=MAX_PRECISION)] | None = None
    scale: Annotated[int, Key(ge=0, le=MAX_PRECISION)] | None = None
    decimal_point: Literal[".", ","] | None = None
    thousands: Annotated[str, Key(min_length=1, max_length=1, examples=[",", ".", " ", "'"])] | None = None
    negative: OneOrMore[Choice[Negative]] = ()
    strip: OneOrMore[str] = ()
    zone_names: Annotated[
        _Pairs, Converted(dict[Text, ZoneText], lambda names: tuple(names.items()), dict)
    ] = ()
    true_words: OneOrMore[str] = Key(default=(), alias="true")
    false_words: OneOrMore[str] = Key(default=(), alias="false")
    null_words: OneOrMore[str] = Key(default=(), alias="null")

    def settings(self) -> dict[str, Any]:
        """The type settings that are written in the file, indexed by their names in the model."""
        return {key: getattr(self, key) for key in TypeShape.model_fields if key in self.model_fields_set}


class _FirstKeys(Shape):
    """The first keys of a field. This separate class sets their order: without it, the keys of ``TypeShape``
    would come before the aliases.
    """

    type: Choice[TypeName] = TypeName.TEXT
    aliases: OneOrMore[str] = ()


class FieldShape(TypeShape, _FirstKeys, model=Field):
    """The type and notation of a field's values. If a value does not fit the type, its row is a reject."""
