"""The result of a doctor's examination: findings on rights, settings and preconditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bucketlift.model.source import Honoured, Precondition


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One account, examined for one selection and after-import action."""

    findings: tuple[Finding, ...]
    honoured: Mapping[tuple[str, Precondition], Honoured] = field(default_factory=dict)
    """By bucket: what its store does with each tested precondition."""
    open_to: tuple[str, ...] | None = None
    """How the role can be assumed without its external id; None if this could not be tested."""
