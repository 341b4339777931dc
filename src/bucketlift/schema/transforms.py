"""The shape of a transform: the fields that it makes, and their steps."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    PlainSerializer,
    Tag,
    model_validator,
)
from pydantic import Field as Key

from bucketlift.model.contract import Field
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
from bucketlift.model.types import MAX_PRECISION
from bucketlift.rules.nearest import nearest
from bucketlift.schema.fields import TypeShape
from bucketlift.schema.schedules import ZoneText
from bucketlift.schema.shape import Shape, invalid
from bucketlift.schema.values import Choice, Items, Text

_TRIM = "trim"
_PART = 'Write {split: {by: ",", part: 1}}, or {split: {length: 3, part: 1}} for parts of 3 characters.'


class ReplaceShape(Shape, model=Replace):
    """Replaces each occurrence of a text, or of a regular expression if ``regex`` is true."""

    text: Text
    by: str = ""
    whole: bool = False
    regex: bool = False


class SplitShape(Shape, model=Split):
    """Splits a text by a delimiter, or into parts with a number of characters, and keeps one part."""

    by: Text | None = None
    length: Annotated[int, Key(ge=1)] | None = None
    part: int

    @model_validator(mode="after")
    def _has_this_part(self) -> Self:
        if (self.by is None) == (self.length is None):
            raise invalid("`split` has either `by` or `length`", _PART)
        if self.part == 0:
            raise invalid("there is no part 0", "The first part is 1, and the last one -1.")
        if self.part < 0 and self.by is None:
            raise invalid("with `length`, parts are counted from the first one", "Write 1 or more.")
        return self


class SubstringShape(Shape, model=Substring):
    """Keeps a part of the text: at most ``length`` characters, from the position ``start``."""

    start: int
    length: Annotated[int, Key(ge=1)] | None = None

    @model_validator(mode="after")
    def _starts_somewhere(self) -> Self:
        if self.start == 0:
            raise invalid("there is no character 0", "The first character is 1, and the last one -1.")
        return self


class FormatNumberShape(Shape, model=FormatNumber):
    """Writes a number as text, in a given notation."""

    scale: Annotated[int, Key(ge=0, le=MAX_PRECISION)] | None = None
    decimal_point: Literal[".", ","] = "."
    thousands: Annotated[str, Key(min_length=1, max_length=1, examples=[",", ".", " ", "'"])] | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.thousands == self.decimal_point:
            raise invalid(
                "`thousands` and `decimal_point` are the same character", "Choose two different characters."
            )
        if self.thousands is not None and (self.thousands.isalnum() or self.thousands in "+-"):
            raise invalid(
                f"`thousands` cannot be `{self.thousands}`", "Write a comma, full stop, blank or apostrophe."
            )
        return self


class MapFileShape(Shape):
    """A CSV or TSV file of two columns: each value, and the value that replaces it."""

    file: Text
    header: bool = True


class DefaultShape(Shape):
    """The value that replaces all values that the map does not contain."""

    default: str


def is_map_file(value: Any) -> bool:
    """Whether a value map names a file that contains its pairs."""
    if isinstance(value, MapFileShape):
        return True
    return (
        isinstance(value, dict) and isinstance(value.get("file"), str) and value.keys() <= {"file", "header"}
    )


ValuesForm = Annotated[
    Annotated[MapFileShape, Tag("a file")]
    | Annotated[dict[str, str | None], Key(min_length=1), Tag("a map")],
    Discriminator(lambda value: "a file" if is_map_file(value) else "a map"),
]
UnmappedForm = Annotated[
    Annotated[Literal["keep", "empty", "reject"], Tag("a word")] | Annotated[DefaultShape, Tag("a default")],
    Discriminator(lambda value: "a default" if isinstance(value, dict | DefaultShape) else "a word"),
]


def _bare_step(value: Any) -> Any:
    if value == _TRIM:
        return {_TRIM: True}
    if isinstance(value, str):
        raise invalid(
            f"there is no step `{value}`",
            f"{nearest(value, STEPS)} Most steps have a setting: {{case: lower}}.",
        )
    return value


class StepShape(Shape):
    """One step: it changes a value, or it makes the value's row a reject. Null stays null."""

    trim: Literal[True] | None = None
    case: Choice[Case] | None = None
    prefix: Text | None = None
    suffix: Text | None = None
    replace: ReplaceShape | None = None
    split: SplitShape | None = None
    substring: SubstringShape | None = None
    values: ValuesForm | None = None
    unmapped: UnmappedForm | None = None
    parse: TypeShape | None = None
    format: Annotated[Text, Key(examples=["%d.%m.%Y"])] | None = None
    timezone: ZoneText | None = None
    format_number: FormatNumberShape | None = None

    @model_validator(mode="after")
    def _one_operation(self) -> Self:
        given = [name for name in STEPS if getattr(self, name) is not None]
        if len(given) != 1:
            raise invalid("a step does exactly one thing", f"Give it one of {', '.join(STEPS)}.")
        for key, owner in (("unmapped", "values"), ("timezone", "format")):
            if getattr(self, key) is not None and given != [owner]:
                raise invalid(
                    f"`{key}` needs `{owner}` in the same step", f"Leave `{key}` out, or add `{owner}`."
                )
        return self

    def to_model(self) -> Step:
        """Convert the step to the model, if nothing outside the file is needed for this."""
        if self.case is not None:
            return ChangeCase(case=self.case)
        if self.prefix is not None:
            return AddPrefix(prefix=self.prefix)
        if self.suffix is not None:
            return AddSuffix(suffix=self.suffix)
        settings = self.replace or self.split or self.substring or self.format_number
        step: Step = Trim() if settings is None else settings.to_model()
        return step

    @classmethod
    def from_model(cls, value: Step) -> Self:
        match value:
            case Trim():
                return cls.without_defaults(trim=True)
            case ChangeCase() | AddPrefix() | AddSuffix():
                return cls.without_defaults(**{value.kind: getattr(value, value.kind)})
            case MapValues():
                return cls.without_defaults(values=dict(value.pairs), unmapped=unmapped_form(value))
            case Parse(field=field):
                return cls.without_defaults(parse=type_form(field))
            case FormatTime():
                return cls.without_defaults(format=value.format, timezone=value.timezone)
            case Replace() | Split() | Substring() | FormatNumber():
                return cls.without_defaults(**{value.kind: _SETTINGS[value.kind].from_model(value)})


_SETTINGS: dict[str, type[Shape]] = {
    "replace": ReplaceShape,
    "split": SplitShape,
    "substring": SubstringShape,
    "format_number": FormatNumberShape,
}
STEPS = tuple(name for name in StepShape.model_fields if name not in ("unmapped", "timezone"))
"""The keys of a step that determine what it does."""


def unmapped_form(value: MapValues) -> Any:
    if value.unmapped is Unmapped.DEFAULT:
        return DefaultShape.without_defaults(default=value.default or "")
    return None if value.unmapped is Unmapped.REJECT else value.unmapped.value


def type_form(field: Field) -> TypeShape:
    """The shape of a type. ``type: text`` is written although it is the default elsewhere, because in a step
    it converts another type to text.
    """
    return TypeShape.from_model(field).model_copy(update={"type": field.type})


StepForm = Annotated[
    StepShape,
    BeforeValidator(_bare_step, json_schema_input_type=Literal["trim"] | StepShape),
    PlainSerializer(lambda step: _TRIM if step.trim else step.to_mapping()),
]


class _OriginShape(Shape):
    """The origin of a field's value. This is a separate class, because these keys come before those of the
    field's type.
    """

    source: Text | None = Key(default=None, alias="from")
    join: Annotated[Items[Text], Key(min_length=1)] | None = None
    separator: str = Key(default="", alias="with")
    empty: Choice[EmptyParts] = EmptyParts.SKIP
    value: str | None = None
    difference: Annotated[Items[Text], Key(min_length=2, max_length=2)] | None = None
    unit: Choice[Unit] | None = Key(default=None, alias="in")
    required: bool = False
    steps: Items[StepForm] = ()
    values: ValuesForm | None = None
    unmapped: UnmappedForm | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(each is not None for each in (self.source, self.join, self.value, self.difference)) != 1:
            raise invalid(
                "a field has exactly one of `from`, `join`, `value` and `difference`",
                'Write {from: Email}, or {join: [Firstname, Lastname], with: " "}.',
            )
        if self.join is None and {"separator", "empty"} & self.model_fields_set:
            raise invalid("`with` and `empty` need `join`", "Leave them out, or join several fields.")
        if self.unit is not None and self.difference is None:
            raise invalid("`in` needs `difference`", "Write {difference: [End, Start], in: days}.")
        if self.unmapped is not None and self.values is None:
            raise invalid("`unmapped` needs `values`", "Leave `unmapped` out, or add `values`.")
        return self

    def origin(self) -> FromField | Join | Constant | Difference:
        if self.source is not None:
            return FromField(name=self.source)
        if self.join is not None:
            return Join(names=self.join, separator=self.separator, empty=self.empty)
        if self.difference is not None:
            first, second = self.difference
            return Difference(first=first, second=second, unit=self.unit)
        return Constant(text=self.value or "")


class OutputShape(TypeShape, _OriginShape):
    """A field of a transform: its origin, its steps and its type."""

    @classmethod
    def from_model(cls, value: OutputField) -> Self:
        """The shape of a field. A map and a type at the end of the steps are written as keys of the field."""
        steps = list(value.steps)
        last = steps.pop() if steps and isinstance(steps[-1], Parse) else None
        settings = type_form(last.field).settings() if isinstance(last, Parse) else {}
        mapped = steps.pop() if steps and isinstance(steps[-1], MapValues) else None
        shape = cls.without_defaults(
            **_origin_form(value),
            steps=tuple(map(StepShape.from_model, steps)),
            values=dict(mapped.pairs) if isinstance(mapped, MapValues) else None,
            unmapped=unmapped_form(mapped) if isinstance(mapped, MapValues) else None,
            required=value.required,
            **settings,
        )
        own: dict[str, Any] = {"value": ""} if value.origin == Constant(text="") else {}
        return shape.model_copy(update=own | ({"type": settings["type"]} if settings else {}))


def _origin_form(value: OutputField) -> dict[str, Any]:
    match value.origin:
        case FromField(name=name):
            return {"source": name}
        case Join(names=names, separator=separator, empty=empty):
            return {"join": names, "separator": separator, "empty": empty}
        case Constant(text=text):
            return {"value": text}
        case Difference(first=first, second=second, unit=unit):
            return {"difference": (first, second), "unit": unit}


class TransformShape(Shape):
    """Makes fields from the rows of an extract task or another transform. Other fields are passed on
    unchanged.
    """

    source: Text = Key(alias="from")
    fields: Annotated[dict[Text, OutputShape], Key(min_length=1)]
