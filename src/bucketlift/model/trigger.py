"""Triggers that start a run automatically: a schedule, another workflow that finished, or an event."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, time
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from bucketlift.model.account import SecretRef
from bucketlift.model.lifecycle import RunState


class Every(StrEnum):
    DAY = "day"
    WEEKDAY = "weekday"
    """Every day from Monday to Friday."""
    WEEK = "week"
    MONTH = "month"
    MINUTES_1 = "1m"
    MINUTES_2 = "2m"
    MINUTES_3 = "3m"
    MINUTES_4 = "4m"
    MINUTES_5 = "5m"
    MINUTES_6 = "6m"
    MINUTES_10 = "10m"
    MINUTES_12 = "12m"
    MINUTES_15 = "15m"
    MINUTES_20 = "20m"
    MINUTES_30 = "30m"
    HOURS_1 = "1h"
    HOURS_2 = "2h"
    HOURS_3 = "3h"
    HOURS_4 = "4h"
    HOURS_6 = "6h"
    HOURS_8 = "8h"
    HOURS_12 = "12h"

    @property
    def minutes(self) -> int | None:
        """The number of minutes between two runs, counted from midnight. It divides an hour or a day. None
        for days, weeks and months.
        """
        number, unit = self.value[:-1], self.value[-1]
        return int(number) * (60 if unit == "h" else 1) if number.isdecimal() else None


class Weekday(StrEnum):
    """The days of the week, numbered as in cron: Sunday is 0."""

    SUNDAY = "sunday"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"


Day = Weekday | Literal["last"] | int
"""A day of the week, a day of the month from 1 to 31, or ``last`` for the last day of the month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The dates on which a schedule applies, in its time zone. The first and the last date are included."""

    timezone: str = "UTC"
    start: date | None = None
    end: date | None = None
    skip: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CronSchedule(Dates):
    """A schedule as a cron expression of five fields: minute, hour, day of month, month, day of week."""

    cron: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSchedule(Dates):
    """A schedule for every day, weekday, week or month, or every few minutes or hours. ``on`` names days of the
    week or of the month. ``at`` is empty for minutes and hours.
    """

    every: Every
    at: tuple[time, ...] = ()
    on: tuple[Day, ...] = ()


Schedule = CronSchedule | PlainSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterWorkflow:
    """Starts a run whenever a run of another workflow ends in one of these states."""

    workflow: str
    when: tuple[RunState, ...] = (RunState.SUCCEEDED,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSchedule:
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFinish:
    after: AfterWorkflow


class Proof(StrEnum):
    """How a caller proves that it may send an event."""

    TOKEN = "token"  # noqa: S105 - a word of the file
    """The request contains the secret itself, as a token."""
    SIGNATURE = "signature"
    """The request contains an HMAC of its time and body, computed with the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventField:
    """A value of an event's body that is stored with the run."""

    name: str
    path: str
    """A singular JSONPath query (RFC 9535), which finds one value or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEvent:
    """Starts a run when a caller sends a request to the workflow's address. The request must have this proof
    and matching fields.
    """

    proof: Proof
    secret: SecretRef
    fields: tuple[EventField, ...] = ()
    only_if: tuple[tuple[str, str], ...] = ()
    """Fields of the event, each with the value that it must have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnEvent:
    event: HttpEvent


Watched = OnSchedule | OnFinish
"""The triggers that the scheduler must check regularly. Events are not among them, because a call starts
their run.
"""
Trigger = Watched | OnEvent


def mark(trigger: Watched) -> str:
    if isinstance(trigger, OnSchedule):
        return mark_of("schedule", trigger.schedule)
    return mark_of("after", trigger.after)


@lru_cache(maxsize=2_000)
def mark_of(purpose: str, what: Schedule | AfterWorkflow) -> str:
    """The name under which the time of a trigger or an expectation is stored. If the purpose or the
    definition changes, the name changes.
    """
    text = json.dumps(asdict(what), default=str, sort_keys=True)
    return f"{purpose}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
