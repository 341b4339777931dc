"""The form in which users enter a schedule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from bucketlift.model.trigger import Every
from bucketlift.rules.schedules.words import interval_words

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY = {
    "day": "Every day",
    "weekday": "Every weekday (Monday to Friday)",
    "week": "Every week",
    "month": "Every month",
} | {each.value: f"Every {interval_words(each)}" for each in Every if each.minutes is not None}
INTERVALS = frozenset(each.value for each in Every if each.minutes is not None)
"""The choices without a time of day."""
LONGEST = 10
"""Maximum number of digits of a number."""
_BETWEEN = re.compile(r"[,;\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleForm:
    """The values of the schedule form, as the user typed them."""

    how: str = "plain"
    """The kind of schedule: plain or cron."""
    every: str = "day"
    on_week: tuple[str, ...] = ()
    on_month: str = "1"
    at: str = "02:00"
    cron: str = ""
    timezone: str = ""
    start: str = ""
    end: str = ""
    skip: str = ""

    @staticmethod
    def of(document: Mapping[str, Any]) -> ScheduleForm:
        """The form for a schedule of a document."""
        on, at = _listed(document.get("on")), _listed(document.get("at"))
        every = str(document.get("every", "day"))
        return ScheduleForm(
            how="cron" if "cron" in document else "plain",
            every=every,
            on_week=on if every == "week" else (),
            on_month=", ".join(on) if every == "month" else "1",
            at=", ".join(at) or "02:00",
            cron=str(document.get("cron", "")),
            timezone=str(document.get("timezone", "UTC")),
            start=str(document.get("start", "")),
            end=str(document.get("end", "")),
            skip="\n".join(_listed(document.get("skip"))),
        )

    @staticmethod
    def posted(form: FormData) -> ScheduleForm:
        def text(name: str) -> str:
            return str(form.get(name, "")).strip()

        return ScheduleForm(
            how=text("how"),
            every=text("every"),
            on_week=tuple(str(day) for day in form.getlist("on_week")),
            on_month=text("on_month"),
            at=text("at"),
            cron=text("cron"),
            timezone=text("timezone"),
            start=text("start"),
            end=text("end"),
            skip=text("skip"),
        )

    def as_document(self) -> dict[str, Any]:
        """The schedule as it is written in a workflow file. It is not checked yet."""
        when = {"cron": self.cron} if self.how == "cron" else self._plain()
        dates = {"start": self.start, "end": self.end, "skip": _parts(self.skip)}
        return (
            when | {"timezone": self.timezone or "UTC"} | {key: each for key, each in dates.items() if each}
        )

    def _plain(self) -> dict[str, Any]:
        on: dict[str, list[Any]] = {
            "week": list(self.on_week),
            "month": [
                int(day) if day.isdecimal() and len(day) < LONGEST else day.lower()
                for day in _parts(self.on_month)
            ],
        }
        if self.every in INTERVALS:
            return {"every": self.every}
        days = on.get(self.every)
        return {"every": self.every} | ({"on": days} if days else {}) | {"at": _parts(self.at)}


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(each) for each in (value if isinstance(value, list) else [value]))


def _parts(text: str) -> list[str]:
    return [part for part in _BETWEEN.split(text) if part]
