"""The shape of a schedule: cron or plain words, in a time zone, between dates, with excluded dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from bucketlift.model.trigger import Day, Every, Schedule, Weekday
from bucketlift.rules.nearest import nearest
from bucketlift.rules.schedules.cron import wrong_cron
from bucketlift.rules.schedules.firing import never_fires
from bucketlift.schema.shape import Shape, invalid, raise_errors
from bucketlift.schema.values import AtLeastOne, Items, Parsed, Text, as_list

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


def _cron(value: str) -> str:
    wrong = wrong_cron(value)
    if wrong is not None:
        raise invalid(*wrong)
    return " ".join(value.split())


def _zone(value: str) -> str:
    if value not in zones():
        raise invalid(f"there is no time zone `{value}`", _like(value))
    return value


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _like(value: str) -> str:
    hint = nearest(value, zones())
    return hint if hint.startswith("Did") else "Use a time zone name such as Europe/Berlin, or UTC."


def _every(value: Any) -> Every:
    if value not in set(Every):
        hint = nearest(str(value), [each for each in Every if each.minutes is None])
        if re.fullmatch("[0-9]+[mh]", str(value)):
            hint = "Minutes divide an hour (1m to 30m), hours divide a day (1h to 12h)."
        raise invalid(f"`every` cannot be `{value}`", f"{hint} For other times, use `cron`.")
    return Every(value)


def _date(value: Any) -> date:
    try:
        found = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except (TypeError, ValueError):
        found = None
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise invalid("not a date", "Write year, month and day: 2026-12-25.")
    return found


def _time(value: Any) -> time:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise invalid("not a time of day", "Write hours and minutes from 00:00 to 23:59.")
    return time(int(found[1]), int(found[2]))


def _day(value: Any) -> Day:
    if value == "last" or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 31):
        return "last" if value == "last" else int(value)
    if value not in set(Weekday):
        hint = "Write days of the week (monday), or days of the month (1 to 31, last)."
        raise invalid(
            f"there is no day `{value}`", nearest(str(value), Weekday) if str(value).isalpha() else hint
        )
    return Weekday(value)


_EVERY = Literal[
    "day",
    "weekday",
    "week",
    "month",
    "1m",
    "2m",
    "3m",
    "4m",
    "5m",
    "6m",
    "10m",
    "12m",
    "15m",
    "20m",
    "30m",
    "1h",
    "2h",
    "3h",
    "4h",
    "6h",
    "8h",
    "12h",
]
_A_DATE = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-12-25"])]
_A_TIME = Annotated[str, Field(pattern=r"^\d{1,2}:\d{2}$", examples=["06:00"])]
_A_DAY = Annotated[str, Field(examples=["monday", "last"])] | Annotated[int, Field(ge=1, le=31)]

CronText = Annotated[Text, AfterValidator(_cron), Field(examples=["0 2 * * *"])]
ZoneText = Annotated[Text, AfterValidator(_zone), Field(examples=["America/Denver"])]
EveryText = Annotated[Every, Parsed(_EVERY, _every, str)]
DateText = Annotated[date, Parsed(_A_DATE, _date, str)]
TimeText = Annotated[time, Parsed(_A_TIME, _time, "{:%H:%M}".format)]
DayText = Annotated[Day, Parsed(_A_DAY, _day, lambda day: day if isinstance(day, int) else str(day))]
Days = Annotated[AtLeastOne[DayText], BeforeValidator(as_list, json_schema_input_type=_A_DAY | list[_A_DAY])]
Times = Annotated[
    AtLeastOne[TimeText], BeforeValidator(as_list, json_schema_input_type=_A_TIME | list[_A_TIME])
]


class ScheduleShape(Shape, model=Schedule):
    """A schedule: either `cron`, or `every`, with `at` for days, weeks and months. Times and dates are in the schedule's time zone."""

    always_written = frozenset({"timezone"})

    cron: CronText | None = None
    every: EveryText | None = None
    on: Days | None = None
    at: Times | None = None
    timezone: ZoneText = "UTC"
    start: DateText | None = None
    end: DateText | None = None
    skip: Items[DateText] = ()

    def to_model(self) -> Schedule:
        raise_errors(_wrong(self))
        schedule: Schedule = super().to_model()
        if never_fires(schedule):
            raise invalid("this schedule never fires", "Check its days, start, end and skipped dates.")
        return schedule


def _wrong(shape: ScheduleShape) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield the problems of keys that conflict, each as (keys, what, hint)."""
    if (shape.cron is None) == (shape.every is None):
        yield (), "a schedule has either `cron` or `every`", "Write {cron: ...} or {every: day, at: ...}."
    elif shape.cron is not None:
        for key in ("on", "at"):
            if getattr(shape, key) is not None:
                yield (
                    (key,),
                    f"`{key}` cannot be used with `cron`",
                    "The five fields of `cron` already define the times.",
                )
    else:
        yield from _wrong_days(shape)
        interval = shape.every is not None and shape.every.minutes is not None
        if interval and shape.at is not None:
            what = f"`at` cannot be used with `every: {shape.every}`"
            yield ("at",), what, "Minutes and hours are counted from midnight. For other times, use `cron`."
        elif not interval and shape.at is None:
            yield (), "`at` is missing", 'Set the times: at: ["06:00", "18:30"].'
    if shape.start is not None and shape.end is not None and shape.end < shape.start:
        yield ("end",), "the schedule ends before it starts", "Both days are included."


def _wrong_days(shape: ScheduleShape) -> Iterator[tuple[tuple[str, ...], str, str]]:
    keys = {
        Every.WEEK: "days of the week, such as monday",
        Every.MONTH: "days of the month: 1 to 31, or last",
    }
    on = shape.on or ()
    if shape.every not in keys:
        if on:
            what = f"`on` cannot be used with `every: {shape.every}`"
            yield ("on",), what, "Use `on` only with week or month."
    elif not on:
        yield (), "`on` is missing", f"Name {keys[shape.every]}."
    elif any(isinstance(day, Weekday) is (shape.every is Every.MONTH) for day in on):
        yield ("on",), f"these are not days of a {shape.every}", f"Name {keys[shape.every]}."
