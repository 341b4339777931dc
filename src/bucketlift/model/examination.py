"""The result of a doctor's examination of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bucketlift.model.finding import Finding
from bucketlift.model.source import Honoured, Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One account, examined for one selection and after-import action."""

    findings: tuple[Finding, ...]
    honoured: Mapping[tuple[str, Precondition], Honoured] = field(default_factory=dict)
    """By bucket: what its store does with each tested precondition."""
    open_to: tuple[str, ...] | None = None
    """How the role can be assumed without its external id; None if this could not be tested."""
