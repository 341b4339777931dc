"""What a doctor found out about one right, setting or precondition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    OK = "ok"
    MISSING = "missing"
    """A right or a thing is not there: the work would fail."""
    IGNORED = "ignored"
    """A precondition that the other side does not honour: the work would be unsafe."""
    WARNING = "warning"
    """It works, and somebody should know this."""
    UNKNOWN = "unknown"
    """It could not be found out, and why is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of a doctor's table."""

    check: str
    """What was looked at, in a few words: ``list``, ``delete``, ``clock``, ``synchronous_commit``."""
    health: Health
    what: str
    """What was found, free of secrets."""
    hint: str = ""
    """What to do; empty where nothing is to be done."""
