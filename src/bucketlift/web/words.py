"""Words for what the ledger names briefly: triggers, durations, reasons."""

from __future__ import annotations

from datetime import datetime, timedelta

from bucketlift.web.render import environment

TRIGGERS = {
    "demand": "On demand",
    "schedule": "Schedule",
    "event": "HTTP event",
    "after": "After another workflow",
    "outbox": "Actions that were due",
    "replay": "Mended rejects",
}
"""By the first word of a run's trigger."""


def trigger(told: str) -> str:
    """What began a run: ``after hr-import 2026...`` is *After hr-import*."""
    word, _, rest = told.partition(" ")
    if word == "after" and rest:
        return f"After {rest.split(' ')[0]}"
    return TRIGGERS.get(word, told)


def duration(begun: datetime | None, ended: datetime | None) -> str:
    """Empty where it has not begun."""
    return "" if begun is None or ended is None else lasting(ended - begun)


def lasting(time: timedelta | None) -> str:
    """For people: ``0.4 s``, ``12 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if time is None:
        return ""
    seconds = max(0.0, time.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def plain(word: str | None) -> str:
    """A reason or state without its hyphens."""
    return (word or "").replace("-", " ")


environment.globals |= {"duration": duration, "lasting": lasting, "plain": plain, "trigger_words": trigger}
