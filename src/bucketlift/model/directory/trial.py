"""What a load of people would change in a directory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRow:
    """One row, as an example of what a load would do. It has no values."""

    effect: str
    """new, updated, unchanged or ambiguous."""
    file: str
    line: int
    people: tuple[str, ...] = ()
    """The people that the row matches: the ContactID of a contact, or the identifier of an employee.

    A new person that an earlier row of the trial adds has the number that the load would give.
    """
    fields: tuple[str, ...] = ()
    """The fields that would change; of an ambiguous row, the fields of the merge rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    rows: int
    """Number of rows that were tried."""
    complete: bool
    """False if there are more rows: only the first ones are tried."""
    counts: dict[str, int]
    """Number of rows by effect."""
    examples: tuple[TriedRow, ...] = ()
