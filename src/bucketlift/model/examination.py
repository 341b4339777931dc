"""What a doctor found out about an account, and what is to be remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bucketlift.model.finding import Finding
from bucketlift.model.source import Honoured, Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One account, looked at for one selection and what is done with its files."""

    findings: tuple[Finding, ...]
    honoured: Mapping[tuple[str, Precondition], Honoured] = field(default_factory=dict)
    """By bucket: what its store does with each precondition that was probed."""
    open_to: tuple[str, ...] | None = None
    """How the role may be assumed without its external id; None where that could not be tried."""
