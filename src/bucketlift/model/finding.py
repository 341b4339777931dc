"""The result of a doctor's examination: findings on rights, settings and preconditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bucketlift.model.source import Honoured, Precondition


class Health(StrEnum):
    OK = "ok"
    MISSING = "missing"
    """A right or a resource is missing, so the work would fail."""
    IGNORED = "ignored"
    """The store or destination does not obey a precondition, so the work would be unsafe."""
    WARNING = "warning"
    """The work is possible, but a person should know about this."""
    UNKNOWN = "unknown"
    """The check gave no result; the text explains why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of a doctor's table."""

    check: str
    """What was checked, in a few words: ``list``, ``delete``, ``clock``, ``synchronous_commit``."""
    health: Health
    what: str
    """The result, without secrets."""
    hint: str = ""
    """What to do; empty if no action is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The result of checking one account for one selection and after-import action."""

    findings: tuple[Finding, ...]
    honoured: Mapping[tuple[str, Precondition], Honoured] = field(default_factory=dict)
    """For each bucket and tested precondition: whether the store obeys it."""
    open_to: tuple[str, ...] | None = None
    """The ways in which the role can be assumed without its external ID; None if this could not be tested."""
