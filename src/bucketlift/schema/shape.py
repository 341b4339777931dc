"""The base class of all shapes. It refuses unknown keys, does not convert types, and converts a mapping to a
value of the model and back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, ClassVar, Self, Unpack, get_args

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

INVALID = "invalid"
UNKNOWN_KEY = "unknown_key"


class Shape(BaseModel):
    """A mapping of the workflow file. Its errors never contain a value of the file.

    ``models`` are the dataclasses of the model to which the mapping is converted. A key has the name of the
    attribute that it fills; an alias is the key's name in the file. ``always_written`` names keys that an
    export contains even if their value is the default.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)
    models: ClassVar[tuple[type, ...]] = ()
    always_written: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, model: Any = None, **config: Unpack[ConfigDict]) -> None:
        """Set the dataclass of the model to which the mapping is converted. ``model`` is this dataclass, or a
        union of several.
        """
        super().__init_subclass__(**config)
        if model is not None:
            cls.models = get_args(model) or (model,)
            _SHAPES.update(dict.fromkeys(cls.models, cls))

    def to_model(self) -> Any:
        """Convert the mapping to the model: to an instance of the dataclass that has all the given keys."""
        candidates = [(each, self.values_for(each)) for each in self.models]
        model, values = max(candidates, key=lambda candidate: len(candidate[1]))
        return model(**values)

    def values_for(self, model: type) -> dict[str, Any]:
        """The given values for which the dataclass has an attribute."""
        values = {name.rstrip("_"): getattr(self, name) for name in type(self).model_fields}
        return {each.name: values[each.name] for each in fields(model) if values.get(each.name) is not None}

    @classmethod
    def from_model(cls, value: Any) -> Self:
        return cls.without_defaults(**cls.attributes(value))

    @classmethod
    def attributes(cls, value: Any) -> dict[str, Any]:
        """The attributes of a model value that are keys of this mapping."""
        names = (name for name in cls.model_fields if hasattr(value, name.rstrip("_")))
        return {name: getattr(value, name.rstrip("_")) for name in names}

    @classmethod
    def without_defaults(cls, **values: Any) -> Self:
        """The mapping with these values, without validation. A value that equals its default is left out."""
        return cls.model_construct(
            **{
                field.alias or name: values[name]
                for name, field in cls.model_fields.items()
                if name in values
                and (
                    field.is_required()
                    or name in cls.always_written
                    or not _is_default(values[name], field.get_default(call_default_factory=True))
                )
            }
        )

    def to_mapping(self) -> dict[str, Any]:
        """The plain mapping, as it is written in a file."""
        return self.model_dump(exclude_unset=True)

    @model_validator(mode="wrap")
    @classmethod
    def _reword_errors(cls, value: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            lines = [
                cls._without_value(each) for each in error.errors(include_url=False, include_input=False)
            ]
            raise ValidationError.from_exception_data(cls.__name__, lines) from None

    @classmethod
    def _without_value(cls, error: ErrorDetails) -> InitErrorDetails:
        kind, context = error["type"], error.get("ctx", {})
        if kind == "extra_forbidden" and len(error["loc"]) == 1:
            kind, context = UNKNOWN_KEY, {"known": known_keys(cls)}
        reworded = PydanticCustomError(kind, "{type}", {"type": kind} | context)
        return InitErrorDetails(type=reworded, loc=error["loc"], input=None)


def _is_default(value: Any, default: Any) -> bool:
    """Whether a file can leave out a value. A mapping is kept if it sets a key, even to the key's default."""
    if isinstance(value, Shape):
        return not value.model_fields_set
    return value in (default, None, "", (), {})


_SHAPES: dict[type, type[Shape]] = {}
"""The shape for each dataclass of the model that has a shape."""


def to_mapping(value: Any) -> dict[str, Any]:
    """A value of the model as a mapping of the workflow file. Secrets are references, and external IDs are
    left out.
    """
    return _SHAPES[type(value)].from_model(value).to_mapping()


def known_keys(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def invalid(what: str, hint: str, *, unavailable: bool = False) -> PydanticCustomError:
    """An error with this text and hint for the value that is being validated."""
    return PydanticCustomError(INVALID, "{what}", {"what": what, "hint": hint, "unavailable": unavailable})


def raise_errors(wrong: Iterable[tuple[tuple[str, ...], str, str]]) -> None:
    """Raise one error for all problems of a mapping. Each problem is (path of the key in the mapping, what,
    hint).
    """
    lines = [InitErrorDetails(type=invalid(what, hint), loc=keys, input=None) for keys, what, hint in wrong]
    if lines:
        raise ValidationError.from_exception_data("mapping", lines)


def raise_missing(keys: Iterable[tuple[str, ...]]) -> None:
    """Raise one error for all keys that are missing in a mapping, in the same form as pydantic."""
    lines = [InitErrorDetails(type="missing", loc=each, input=None) for each in keys]
    if lines:
        raise ValidationError.from_exception_data("mapping", lines)


def exactly_one(*keys: str, what: str, hint: str) -> Any:
    """A validator for a shape: exactly one of these keys must be given."""

    def check(shape: Shape) -> Shape:
        if sum(getattr(shape, key) is not None for key in keys) != 1:
            raise invalid(what, hint)
        return shape

    return model_validator(mode="after")(check)


def not_available(part: str) -> PydanticCustomError:
    """An error for a part of the file that this version does not support yet."""
    hint = "Leave it out, or use a later version."
    return invalid(f"{part} is not available in this version", hint, unavailable=True)
