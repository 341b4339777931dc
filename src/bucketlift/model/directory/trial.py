"""The result of a trial: what a load of contacts or employees would change in a directory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRow:
    """One row of a trial, as an example of what the load would do. The values of the row are not included."""

    effect: str
    """The effect of the row: ``new``, ``updated``, ``unchanged`` or ``ambiguous``."""
    file: str
    line: int
    people: tuple[str, ...] = ()
    """The people whom the row matches: the ContactIDs of contacts, or the identifier of an employee.

    If an earlier row of the trial adds the person, the ContactID is the one that the load would assign.
    """
    fields: tuple[str, ...] = ()
    """The fields that the row would change. For an ambiguous row, these are the fields of the merge rule that
    matches several people.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    rows: int
    """Number of rows in the trial."""
    complete: bool
    """Whether the trial includes all rows of the load. If there are too many rows, only the first ones are
    included.
    """
    counts: dict[str, int]
    """Number of rows for each effect."""
    examples: tuple[TriedRow, ...] = ()
