"""A field in the file: the values of a column."""

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
    """A type, and the notation of its values. A value that does not fit the type makes its row a reject."""

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
        """The keys of the type that the file sets, by the names of the model."""
        return {key: getattr(self, key) for key in TypeShape.model_fields if key in self.model_fields_set}


class _FirstKeys(Shape):
    """The first keys of a field. This class sets their order: keys of ``TypeShape`` alone would come before
    the aliases.
    """

    type: Choice[TypeName] = TypeName.TEXT
    aliases: OneOrMore[str] = ()


class FieldShape(TypeShape, _FirstKeys, model=Field):
    """The type and notation of a field's values. A value that does not fit the type makes its row a reject."""
