"""Single values that have another type in the file than in the model: words, names, durations, limits,
comparisons.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import CoreSchema, core_schema

from bucketlift.errors import RequestWrong
from bucketlift.model.workflow import Comparison, Measure, RejectLimit, Start, StartAll, StartAt, StartNow
from bucketlift.rules.bucket_names import misnamed_bucket
from bucketlift.schema.shape import Shape, invalid, to_mapping

SLUG = "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
NAME = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
BUCKET = r"^[^/\s]+$"
LONGEST_DELAY = timedelta(days=3650)

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_DURATION = re.compile(r"([0-9]{1,6})([dhm])")
_COMPARISON = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9_-]*)\.([a-z]+)\s*(=|!=|>=|<=|>|<)\s*([0-9]{1,18})\s*")

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Converted:
    """A value that has another type in the model. ``schema`` validates the value, ``load`` converts it, and
    ``dump`` converts it back.
    """

    def __init__(self, schema: Any, load: Callable[[Any], Any], dump: Callable[[Any], Any]) -> None:
        self.schema, self.load, self.dump = schema, load, dump

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        dump = core_schema.plain_serializer_function_ser_schema(self.dump)
        schema = handler.generate_schema(self.schema)
        return core_schema.no_info_after_validator_function(self.load, schema, serialization=dump)


class Parsed(Converted):
    """A value that ``load`` also validates, because its errors are clearer. ``schema`` is then used only for
    the JSON Schema.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        dump = core_schema.plain_serializer_function_ser_schema(self.dump)
        schema = handler.generate_schema(self.schema)
        return core_schema.no_info_plain_validator_function(
            self.load, json_schema_input_schema=schema, serialization=dump
        )


def written_as(shape: Any) -> Converted:
    """A value that is a dataclass in the model. In the file it is a mapping of this shape, or of one of the
    shapes of a union.
    """
    return Converted(shape, lambda mapping: mapping.to_model(), to_mapping)


def switch(on: str, off: str) -> Converted:
    """A boolean that is one of two words in the file."""
    return Converted(Literal[on, off], lambda word: word == on, lambda value: on if value else off)


class Choices:
    """A word of an enumeration. If ``words`` is given, only these words are accepted."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        words = list(self.words) or [each.value for each in source]
        dump = core_schema.plain_serializer_function_ser_schema(str)
        literal = core_schema.literal_schema(words)
        return core_schema.no_info_after_validator_function(source, literal, serialization=dump)


class _List:
    """A list in the file, which is a tuple in the model."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items = handler.generate_schema(list[get_args(source)[0]])  # type: ignore[misc] # known at run time
        dump = core_schema.wrap_serializer_function_ser_schema(
            lambda value, dump_list: dump_list(list(value)), schema=items
        )
        return core_schema.no_info_after_validator_function(tuple, items, serialization=dump)


def _bucket(value: Any) -> Any:
    """Check the name of a bucket. A path is not checked here, because the pattern of bucket names refuses it."""
    is_path = not isinstance(value, str) or ("/" in value and not value.startswith("arn:"))
    wrong = None if is_path else misnamed_bucket(value)
    if wrong is not None:
        raise invalid(*wrong)
    return value


def _absolute(value: str, info: ValidationInfo) -> str:
    folder: Path = (info.context or {})["folder"]
    return os.path.normpath(folder / value)


def as_list(value: Any) -> Any:
    """The value as a list: a single text or number becomes a list with one item."""
    return [value] if isinstance(value, str | int | float) else value


def unique(values: Iterable[Hashable]) -> tuple[Hashable, ...]:
    return tuple(dict.fromkeys(values))


Choice = Annotated[E, Choices()]
Text = Annotated[str, StringConstraints(min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
Bucket = Annotated[str, Field(pattern=BUCKET), BeforeValidator(_bucket)]
LocalPath = Annotated[Text, AfterValidator(_absolute)]
"""A path that is relative to the workflow file. In the model it is absolute."""
Items = Annotated[tuple[T, ...], _List()]
AtLeastOne = Annotated[Items[T], Field(min_length=1), AfterValidator(unique)]
OneOrMore = Annotated[Items[T], BeforeValidator(as_list, json_schema_input_type=list[str] | str)]


def _delay(value: Any) -> timedelta:
    if not isinstance(value, str) or not (found := _DURATION.fullmatch(value)):
        raise invalid("not a duration", "Write days, hours or minutes: 7d, 12h, 30m or 0d.")
    delay = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if delay > LONGEST_DELAY:
        hint = f"Write {LONGEST_DELAY.days}d or less, or keep the files."
        raise invalid("a delay of more than ten years", hint)
    return delay


def _delay_text(delay: timedelta) -> str:
    for unit, name in _UNITS.items():
        step = timedelta(**{name: 1})
        if not delay % step or unit == "m":
            break
    return f"{delay // step}{unit}"


class LimitShape(Shape, model=RejectLimit):
    """Limits for the number of rejects. A file must be within both limits."""

    rows: Annotated[int, Field(ge=0)]
    percent: Annotated[float, Field(ge=0, le=100, strict=False)]


def _limit(value: Any) -> RejectLimit:
    if isinstance(value, dict):
        limit: RejectLimit = LimitShape.model_validate(value).to_model()
        return limit
    try:
        return RejectLimit.of(value if isinstance(value, int) or "%" in str(value) else "")
    except RequestWrong as error:
        raise invalid("not a valid limit of rejected rows", error.hint) from None


def _dump_limit(limit: RejectLimit) -> Any:
    if limit.percent is None:
        return limit.rows
    if limit.rows is None:
        return f"{limit.percent:.6f}".rstrip("0").rstrip(".") + "%"
    return {"rows": limit.rows, "percent": limit.percent}


def _start(value: Any) -> Start:
    if value in ("all", "now"):
        return StartAll() if value == "all" else StartNow()
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise invalid(
            "not a start", "Write all, now, or a time with its time zone: 2026-11-01T00:00:00Z."
        ) from None
    if time.tzinfo is None:
        raise invalid("a time without a time zone", "Add Z for UTC, or an offset: 2026-11-01T00:00:00Z.")
    return StartAt(time=time)


def _start_text(start: Start) -> str:
    return start.time.isoformat() if isinstance(start, StartAt) else start.start


def _comparison(value: Any) -> Comparison:
    if not isinstance(value, str) or not (found := _COMPARISON.fullmatch(value)):
        raise invalid(
            "not a comparison", 'Write a task\'s measure, an operator and a number: "files.rows > 0".'
        )
    task, measure, operator, number = found.groups()
    if measure not in set(Measure):
        raise invalid(f"a condition cannot use `{measure}`", f"It can be one of: {', '.join(Measure)}.")
    return Comparison(task=task, measure=Measure(measure), operator=operator, number=int(number))  # type: ignore[arg-type] # the pattern holds exactly these operators


def comparison_text(test: Comparison) -> str:
    return f"{test.task}.{test.measure.value} {test.operator} {test.number}"


_DELAY = Annotated[str, Field(pattern=r"^[0-9]{1,6}[dhm]$", examples=["7d", "12h", "30m", "0d"])]
_ROWS = Annotated[int, Field(ge=0)]
_PERCENT = Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})? ?%$", examples=["1%"])]
_START = Annotated[
    str,
    Field(
        description="all, now, or a time with its time zone", examples=["all", "now", "2026-11-01T00:00:00Z"]
    ),
]
_COMPARED = Annotated[str, Field(examples=["files.rows > 0"])]

Delay = Annotated[timedelta, Parsed(_DELAY, _delay, _delay_text)]
Limit = Annotated[RejectLimit, Parsed(_ROWS | _PERCENT | LimitShape, _limit, _dump_limit)]
StartText = Annotated[Start, Parsed(_START, _start, _start_text)]
ComparisonText = Annotated[Comparison, Parsed(_COMPARED, _comparison, comparison_text)]
