"""Writes triggers, durations and reasons as text for people."""

from __future__ import annotations

from datetime import datetime, timedelta

from bucketlift.web.render import environment

TRIGGERS = {
    "demand": "On demand",
    "schedule": "Schedule",
    "event": "HTTP event",
    "after": "After another workflow",
    "outbox": "Delayed actions",
    "replay": "Mended rejects",
}
"""The title of each kind of trigger. The key is the first word of a run's trigger."""


def trigger(text: str) -> str:
    """The trigger of a run as text: ``after hr-import 2026...`` becomes *After hr-import*."""
    word, _, rest = text.partition(" ")
    if word == "after" and rest:
        return f"After {rest.split(' ')[0]}"
    return TRIGGERS.get(word, text)


def duration(started: datetime | None, ended: datetime | None) -> str:
    """The duration of a run as text; empty before its start."""
    return "" if started is None or ended is None else lasting(ended - started)


def lasting(time: timedelta | None) -> str:
    """A duration as text: ``0.4 s``, ``12 s``, ``3 min 5 s``, ``2 h 10 min``."""
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
    """The reason or state as text, with spaces in place of hyphens and underscores."""
    return (word or "").replace("-", " ").replace("_", " ")


DESTINATION_KINDS = {
    "duckdb": "DuckDB",
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "directory": "Directory of people",
    "http": "HTTP receiver",
    "qualtrics": "Hosted platform",
    "s3": "Files in S3",
    "sftp": "Files on an SFTP server",
    "folder": "Files in a folder",
}

environment.globals |= {
    "destination_kinds": DESTINATION_KINDS,
    "duration": duration,
    "lasting": lasting,
    "plain": plain,
    "trigger_words": trigger,
}
