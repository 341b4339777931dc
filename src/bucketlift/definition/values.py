"""The short forms of the file: durations, limits, starts, comparisons."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from bucketlift.definition.shape import Shape, said
from bucketlift.model.workflow import Comparison, Measure, RejectLimit, Start, StartAll, StartAt, StartNow

LONGEST_DELAY = timedelta(days=3650)

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_DURATION = re.compile(r"([0-9]{1,6})([dhm])")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")
_COMPARISON = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9_-]*)\.([a-z]+)\s*(=|!=|>=|<=|>|<)\s*([0-9]{1,18})\s*")


def _duration(value: Any) -> timedelta:
    if not isinstance(value, str) or not (found := _DURATION.fullmatch(value)):
        raise said("not a duration", "Write days, hours or minutes: 7d, 12h, 30m or 0d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _delay(value: Any) -> timedelta:
    delay = _duration(value)
    if delay > LONGEST_DELAY:
        raise said(
            "a delay of more than ten years", f"Write {LONGEST_DELAY.days}d or less, or keep the files."
        )
    return delay


class LimitShape(Shape):
    """The rejects must be within both limits."""

    rows: Annotated[int, Field(ge=0)]
    percent: Annotated[float, Field(ge=0, le=100, strict=False)]


def _limit(value: Any) -> RejectLimit:
    if isinstance(value, dict):
        both = LimitShape.model_validate(value)
        return RejectLimit(rows=both.rows, percent=both.percent)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return RejectLimit(rows=value)
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value)) and float(found[1]) <= 100:
        return RejectLimit(percent=float(found[1]))
    raise said(
        "not a limit of rejects", 'Write a number of rows, such as 10, or a share of the file, such as "1%".'
    )


def _start(value: Any) -> Start:
    if value == "all":
        return StartAll()
    if value == "now":
        return StartNow()
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise said("not a start", "Write all, now, or a time with its zone: 2026-11-01T00:00:00Z.") from None
    if time.tzinfo is None:
        raise said("a time without its zone", "Add Z for UTC, or an offset: 2026-11-01T00:00:00Z.")
    return StartAt(time=time)


def _comparison(value: Any) -> Comparison:
    if not isinstance(value, str) or not (found := _COMPARISON.fullmatch(value)):
        raise said("not a comparison", 'Write a task\'s measure, an operator and a number: "files.rows > 0".')
    task, measure, operator, number = found.groups()
    if measure not in set(Measure):
        raise said(f"`{measure}` cannot be asked about", f"Known here: {', '.join(Measure)}.")
    return Comparison(task=task, measure=Measure(measure), operator=operator, number=int(number))  # type: ignore[arg-type] # the pattern holds exactly these operators


Delay = Annotated[
    timedelta,
    PlainValidator(
        _delay,
        json_schema_input_type=Annotated[
            str, Field(pattern=r"^[0-9]{1,6}[dhm]$", examples=["7d", "12h", "30m", "0d"])
        ],
    ),
]
Limit = Annotated[
    RejectLimit,
    PlainValidator(
        _limit,
        json_schema_input_type=Annotated[int, Field(ge=0)]
        | Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})? ?%$", examples=["1%"])]
        | LimitShape,
    ),
]
StartText = Annotated[
    Start,
    PlainValidator(
        _start,
        json_schema_input_type=Annotated[
            str,
            Field(
                description="all, now, or a time with its zone",
                examples=["all", "now", "2026-11-01T00:00:00Z"],
            ),
        ],
    ),
]
ComparisonText = Annotated[
    Comparison,
    PlainValidator(_comparison, json_schema_input_type=Annotated[str, Field(examples=["files.rows > 0"])]),
]
