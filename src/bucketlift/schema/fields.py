"""A field in the file: the values of a column."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field as Key
from pydantic import SerializerFunctionWrapHandler, model_serializer

from bucketlift.model.contract import Field, Negative
from bucketlift.model.types import MAX_PRECISION, TypeName
from bucketlift.schema.schedules import ZoneText
from bucketlift.schema.shape import Shape
from bucketlift.schema.values import As, OneOrMore, Text, Word

_Pairs = tuple[tuple[str, str], ...]


class FieldShape(Shape, makes=Field):
    """The type and notation of a field's values. A value that does not fit the type makes its row a reject."""

    aliases: OneOrMore[str] = ()
    type: Word[TypeName] = TypeName.TEXT
    format: Annotated[Text, Key(examples=["%Y-%m-%d"])] | None = None
    timezone: ZoneText | None = None
    precision: Annotated[int, Key(ge=1, le=MAX_PRECISION)] | None = None
    scale: Annotated[int, Key(ge=0, le=MAX_PRECISION)] | None = None
    decimal_point: Literal[".", ","] | None = None
    thousands: Annotated[str, Key(min_length=1, max_length=1, examples=[",", ".", " ", "'"])] | None = None
    negative: OneOrMore[Word[Negative]] = ()
    strip: OneOrMore[str] = ()
    zone_names: Annotated[_Pairs, As(dict[Text, ZoneText], lambda names: tuple(names.items()), dict)] = ()
    true_words: OneOrMore[str] = Key(default=(), alias="true")
    false_words: OneOrMore[str] = Key(default=(), alias="false")
    null_words: OneOrMore[str] = Key(default=(), alias="null")

    @model_serializer(mode="wrap")
    def _type_first(self, form: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said = form(self)
        return {key: said[key] for key in sorted(said, key=lambda key: key != "type")}
