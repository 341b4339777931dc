"""The base of every mapping of the file: no unknown keys, no conversion, plain errors, and export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, ClassVar, Self, Unpack, get_args

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

SAID = "said"
UNKNOWN_KEY = "unknown_key"


class Shape(BaseModel):
    """A mapping of the file. Its errors contain what the wording needs, and never the value in the file.

    ``makes`` names the model's dataclass, or a union of them, that the mapping is converted to. A key has the
    name of the attribute that it fills; an alias is its name in the file. ``written`` names keys that an
    export contains even if their value is the default.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)
    makes: ClassVar[tuple[type, ...]] = ()
    written: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, makes: Any = None, **config: Unpack[ConfigDict]) -> None:
        super().__init_subclass__(**config)
        if makes is not None:
            cls.makes = get_args(makes) or (makes,)
            _SHAPES.update(dict.fromkeys(cls.makes, cls))

    def made(self) -> Any:
        """The value of the model for this mapping: of the class that has all its keys."""
        known = {kind: {each.name for each in fields(kind)} for kind in self.makes}
        said = {name.rstrip("_"): getattr(self, name) for name in type(self).model_fields}
        given = {
            name: value
            for name, value in said.items()
            if value is not None and name in set().union(*known.values())
        }
        return next(kind for kind in self.makes if given.keys() <= known[kind])(**given)

    @classmethod
    def of(cls, value: Any) -> Self:
        """The mapping for this value of the model."""
        return cls.saying(**cls.attributes(value))

    @classmethod
    def attributes(cls, value: Any) -> dict[str, Any]:
        """The attributes of a model value that are keys of the mapping."""
        names = (name for name in cls.model_fields if hasattr(value, name.rstrip("_")))
        return {name: getattr(value, name.rstrip("_")) for name in names}

    @classmethod
    def saying(cls, **values: Any) -> Self:
        """The mapping with these values; keys that a file can omit are left out."""
        return cls.model_construct(
            **{
                field.alias or name: values[name]
                for name, field in cls.model_fields.items()
                if name in values
                and (
                    field.is_required()
                    or name in cls.written
                    or values[name] not in (field.get_default(call_default_factory=True), None, "", (), {})
                )
            }
        )

    def form(self) -> dict[str, Any]:
        """The plain mapping as written in a file."""
        return self.model_dump(exclude_unset=True)

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, value: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
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


_SHAPES: dict[type, type[Shape]] = {}
"""The shape of each dataclass of the model that has one."""


def form_of(value: Any) -> dict[str, Any]:
    """A value of the model as written in a file. Secrets are references, and external IDs are left out."""
    return _SHAPES[type(value)].of(value).form()


def known_keys(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def said(what: str, hint: str, *, unavailable: bool = False) -> PydanticCustomError:
    """An error with this text for the value that is being validated."""
    return PydanticCustomError(SAID, "{what}", {"what": what, "hint": hint, "unavailable": unavailable})


def refuse(wrong: Iterable[tuple[tuple[str, ...], str, str]]) -> None:
    """Refuse a mapping if it has errors: (keys from it on, what, hint)."""
    lines = [InitErrorDetails(type=said(what, hint), loc=keys, input=None) for keys, what, hint in wrong]
    if lines:
        raise ValidationError.from_exception_data("mapping", lines)


def one_of(*keys: str, what: str, hint: str) -> Any:
    """A validator of a shape: exactly one of these keys must be given."""

    def check(shape: Shape) -> Shape:
        if sum(getattr(shape, key) is not None for key in keys) != 1:
            raise said(what, hint)
        return shape

    return model_validator(mode="after")(check)


def not_yet(part: str) -> PydanticCustomError:
    """An error for a part of the contract that this version does not have yet."""
    hint = "Leave it out, or use a later version."
    return said(f"{part} is not available in this version", hint, unavailable=True)
