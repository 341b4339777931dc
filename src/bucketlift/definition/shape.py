"""What every part of the file's shape has in common: nothing unknown, nothing converted, errors in our words."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bucketlift.rules.bucket_names import misnamed_bucket

SAID = "said"
UNKNOWN_KEY = "unknown_key"

SLUG = "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
NAME = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
BUCKET = r"^[^/\s]+$"
ACCOUNT_ID = "^[0-9]{12}$"
DELIMITER = r"^[^\r\n\x00]{1,16}$"
QUOTE = r"^([^\s\x00]{1,2}|none)$"
ESCAPE = "^[!-~]$"


def _bucket(value: Any) -> Any:
    """A path is for the pattern to refuse."""
    is_path = not isinstance(value, str) or ("/" in value and not value.startswith("arn:"))
    wrong = None if is_path else misnamed_bucket(value)
    if wrong is not None:
        raise said(*wrong)
    return value


Bucket = Annotated[str, Field(pattern=BUCKET), BeforeValidator(_bucket)]
Text = Annotated[str, StringConstraints(min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Name = Annotated[str, StringConstraints(pattern=NAME)]


class Shape(BaseModel):
    """A mapping of the file. Its errors carry what the wording needs and never the value that stood there."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

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


def known_keys(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def said(what: str, hint: str, *, unavailable: bool = False) -> PydanticCustomError:
    """Refuses the value that is being validated, in these words."""
    return PydanticCustomError(SAID, "{what}", {"what": what, "hint": hint, "unavailable": unavailable})


def not_yet(part: str) -> PydanticCustomError:
    """Refuses a part of the contract that a later version brings."""
    hint = "Leave it out, or use a later version."
    return said(f"{part} is not available in this version", hint, unavailable=True)
