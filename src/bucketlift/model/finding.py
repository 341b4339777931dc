"""A doctor's result for one right, setting or precondition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    OK = "ok"
    MISSING = "missing"
    """A right or a resource is missing: the work would fail."""
    IGNORED = "ignored"
    """The store or destination does not honour a precondition: the work would be unsafe."""
    WARNING = "warning"
    """It works, but a person should know this."""
    UNKNOWN = "unknown"
    """The check gave no result; the text explains why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of a doctor's table."""

    check: str
    """The checked item, in a few words: ``list``, ``delete``, ``clock``, ``synchronous_commit``."""
    health: Health
    what: str
    """The result, without secrets."""
    hint: str = ""
    """What to do; empty if no action is needed."""
