"""Why a run begins by itself: a schedule, another workflow that finished, or an event."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, time
from enum import StrEnum
from typing import Literal

from bucketlift.model.account import SecretRef
from bucketlift.model.lifecycle import RunState


class Every(StrEnum):
    DAY = "day"
    WEEKDAY = "weekday"
    """Monday to Friday."""
    WEEK = "week"
    MONTH = "month"


class Weekday(StrEnum):
    """In the order in which cron counts them, Sunday being 0."""

    SUNDAY = "sunday"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"


Day = Weekday | Literal["last"] | int
"""Of a week, or of a month (1 to 31, or the last one)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Which dates, by the clock on the wall in its zone, a schedule is good for; the ends are included."""

    timezone: str = "UTC"
    start: date | None = None
    end: date | None = None
    skip: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CronSchedule(Dates):
    """Five fields: minute, hour, day of month, month, day of week."""

    cron: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSchedule(Dates):
    """Every day, weekday, week or month, at these times; ``on`` names days of the week or of the month."""

    every: Every
    at: tuple[time, ...]
    on: tuple[Day, ...] = ()


Schedule = CronSchedule | PlainSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterWorkflow:
    """Whenever a run of another workflow ended in one of these states."""

    workflow: str
    when: tuple[RunState, ...] = (RunState.SUCCEEDED,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSchedule:
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFinish:
    after: AfterWorkflow


class Proof(StrEnum):
    """How a caller shows that it may send an event."""

    TOKEN = "token"  # noqa: S105 - a word of the file
    """The secret itself comes along."""
    SIGNATURE = "signature"
    """An HMAC of the time and the body, made with the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventField:
    """Something of an event that is kept with the run."""

    name: str
    path: str
    """A singular query of JSONPath (RFC 9535): it finds one value, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEvent:
    """Whenever somebody calls the workflow's address with this proof, and the fields are as wanted."""

    proof: Proof
    secret: SecretRef
    fields: tuple[EventField, ...] = ()
    only_if: tuple[tuple[str, str], ...] = ()
    """Fields, and the words that they must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnEvent:
    event: HttpEvent


Watched = OnSchedule | OnFinish
"""Those that somebody must look for; events come by themselves."""
Trigger = Watched | OnEvent


def mark(trigger: Watched) -> str:
    if isinstance(trigger, OnSchedule):
        return mark_of("schedule", trigger.schedule)
    return mark_of("after", trigger.after)


def mark_of(purpose: str, what: Schedule | AfterWorkflow) -> str:
    """Names what is watched for a workflow: another purpose or other words are watched from anew."""
    said = json.dumps(asdict(what), default=str, sort_keys=True)
    return f"{purpose}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"
